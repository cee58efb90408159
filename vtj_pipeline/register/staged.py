"""Folded rows that stand in PostgreSQL already, beside the register, until they are published.

Keep out who brought them there (`spark/`) and how they are taken over (`writer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StagedRows:
    """Rows to be taken over by the server itself.

    Attributes:
        relation: Where they are: SQL to select from.
        columns: Theirs.
    """

    relation: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class StagedTable:
    """The folded rows of one table; stands for `FoldedTable` where the tasks of others folded."""

    staged: StagedRows

    def rows(self) -> StagedRows:
        """All rows."""
        return self.staged

    def done_with(self) -> None:
        """Nothing: they are dropped together."""
