"""What a peer must be able to do.

Keep out the peers themselves.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from vtj_pipeline_tests.benchmarks.peers.rows import Load

Standing = set[tuple[str, str]]
"""Rows as (person_id, value)."""


class Peer(Protocol):
    """Something that keeps tables in step, in a database and with a folder of its own.

    Attributes:
        name: As its users call it.
        configured: What was chosen for it.
        keeps_history: Whether it can say how things stood.
    """

    name: str
    configured: str
    keeps_history: bool

    def begin(self, url: str, folder: Path, load: Load) -> None:
        """Take in everyone's rows for the first time."""

    def go_on(self, url: str, folder: Path, load: Load) -> None:
        """Take in how some persons stand now."""

    def standing(self, url: str, table: str, value: str, at: datetime | None) -> Standing:
        """The rows that stand, or stood at a moment of the source, by one column of values."""
