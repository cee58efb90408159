"""Files in a bucket of an S3-compatible object store, in the place of a folder.

A file is one object, written in one request: a store shows it whole or not at all, so that nothing
is renamed, and what a killed run wrote is not there before the ledger names it. Names tell the
content (`report.py`, `events_path`): one name never stands for two contents, whatever machine
writes it. Keep out the calls (`object_calls.py`) and encryption (`storage.py`).
"""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.landing.engine_objects import place_address
from vtj_pipeline.landing.local_files import gone, written

if TYPE_CHECKING:
    from vtj_pipeline.landing.object_calls import ObjectCalls
    from vtj_pipeline.landing.places import Head


@dataclass(frozen=True)
class Objects:
    """A place that is a bucket, or what has one prefix in it.

    Attributes:
        calls: Of the bucket.
        prefix: Before every path; empty: none.
    """

    calls: ObjectCalls = field(repr=False)
    prefix: str = ""

    @property
    def where(self) -> str:
        """As `VTJ_DATA_URL` has it."""
        return f"s3://{self.calls.bucket}/{self.prefix}".rstrip("/")

    def put(self, path: str, content: bytes) -> None:
        """Write an object; a run that was killed may have left one of that name and content."""
        self.calls.put(self._key(path), content)

    def adopt(self, temporary: Path, path: str) -> None:
        """Write a finished file of this machine as an object; it is gone from here then."""
        try:
            with written(path, temporary.parent), temporary.open("rb") as file:
                self.calls.put(self._key(path), file)
        finally:
            # It holds personal data; the same run makes it again where it has to.
            with suppress(OSError):
                temporary.unlink()

    def get(self, path: str) -> bytes | None:
        """What an object holds; None: it is not there."""
        return self.calls.get(self._key(path))

    def get_range(self, path: str, start: int, size: int, version: str = "") -> bytes:
        """Some bytes of an object.

        Raises:
            LandingDamaged: it is not there.
            StoreUnavailable: it is not of that version any more, or the store does not answer.
        """
        found = self.calls.get(self._key(path), (start, size), version)
        if found is None:
            raise gone(path, self.where)
        return found

    def head(self, path: str) -> Head | None:
        """What is known of an object; None: it is not there."""
        return self.calls.head(self._key(path))

    def remove(self, path: str) -> None:
        """Remove an object, if it is there; a bucket with versions keeps what it held."""
        self.calls.delete(self._key(path))

    def files(self, folder: str) -> list[str]:
        """The objects under a folder, in order."""
        return sorted(self.heads(folder, []))

    def heads(self, folder: str, paths: list[str]) -> dict[str, Head]:
        """What is known of objects under a folder, of a thousand by a call.

        Listed is what stands under the deepest folder that all the paths have in common, or all of
        the folder where there are none.
        """
        common = posixpath.commonpath(map(posixpath.dirname, paths)) if paths else folder
        begins = len(self._key(""))
        found = self.calls.listed(self._key(common or folder) + "/")
        return {
            key[begins:]: head for key, head in found if not posixpath.basename(key).startswith(".")
        }

    def remove_left_behind(self, folder: str, *, at_once: bool) -> int:
        """None: what was not written whole is not there, and nothing is written in parts."""
        del folder, at_once
        return 0

    def engine_address(self, path: str) -> str:
        """By which DuckDB reads an object (`engine_objects.py`)."""
        return place_address(path)

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path


def object_store(url: str) -> Objects:
    """The place that `VTJ_DATA_URL` names; nothing is called yet.

    Raises:
        SettingsError: the extra `s3` is not installed.
    """
    return _opened(url, os.getpid())


@lru_cache(maxsize=8)
def _opened(url: str, process: int) -> Objects:
    """One for a process, since making a client takes longer than a call."""
    del process
    try:
        from vtj_pipeline.landing.object_calls import ObjectCalls  # noqa: PLC0415  # an extra
    except ImportError as error:
        msg = (
            "VTJ_DATA_URL names an object store and what reaches one is not installed. Install the "
            "extra: vtj-pipeline[s3], or unset VTJ_DATA_URL."
        )
        raise SettingsError(msg) from error
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    return Objects(ObjectCalls(bucket), prefix.strip("/"))
