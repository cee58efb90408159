"""What a place of files does: a folder of this machine, or a bucket of an object store.

Only `storage.py` asks a place for anything, and the engine's reader (`engine_objects.py`). Keep out
encryption, and what any one place is like.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Head:
    """What is known of a file without reading it.

    Attributes:
        size: In bytes.
        version: Which content it is; empty where a place tells none. Another one stands for it when
            the file was exchanged.
    """

    size: int
    version: str = ""


class Place(Protocol):
    """Where files stand, by paths with slashes. All of them are whole or not there at all.

    Everything raises `LandingError` (permanent) or `StoreUnavailable` (transient) where the place
    does not do what was asked.
    """

    @property
    def where(self) -> str:
        """How the place is named in messages."""

    def put(self, path: str, content: bytes) -> None:
        """Write a file; it takes the place of one of that name."""

    def adopt(self, temporary: Path, path: str) -> None:
        """Take over a finished file of this machine, which is gone then."""

    def get(self, path: str) -> bytes | None:
        """What a file holds; None: it is not there."""

    def get_range(self, path: str, start: int, size: int, version: str = "") -> bytes:
        """Some bytes of a file, or as many as there are.

        Raises:
            LandingDamaged: it is not there.
            StoreUnavailable: it is not of that version any more.
        """

    def head(self, path: str) -> Head | None:
        """What is known of a file; None: it is not there."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    def files(self, folder: str) -> list[str]:
        """The finished files under a folder, in order; paths as elsewhere."""

    def heads(self, folder: str, paths: list[str]) -> dict[str, Head]:
        """What is known of files under a folder: of these that are there, and maybe of others.

        Where each question is a call they are asked for together.
        """

    def remove_left_behind(self, folder: str, *, at_once: bool) -> int:
        """Remove what killed writes left; returns how many files that were."""

    def engine_address(self, path: str) -> str:
        """By which DuckDB reads a file."""
