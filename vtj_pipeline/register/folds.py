"""What a publication asks of whoever folds for it: this process, or the tasks of a cluster.

Keep out how either does it (`fold_engine.py`, `spark/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from vtj_pipeline.catalogue import Table
    from vtj_pipeline.register.folded import FoldedTable
    from vtj_pipeline.register.staged import StagedRows, StagedTable


class Folds(Protocol):
    """The fold of one publication; what is asked in this order means what `FoldEngine` says."""

    def read_new(self, files: list[str]) -> pa.Table:
        """Read the batches not yet applied; returns the codes they touch (`code`)."""

    @property
    def touched_in(self) -> pa.Table:
        """Who is folded in some tables only: `person_id` and `table_name`, a row each of them."""

    def read_events(
        self, batches: pa.Table, more_codes: pa.Table | None, *, narrows: bool = False
    ) -> None:
        """Read all events of the touched codes and of `more_codes` (`code`); None: of everyone."""

    def identify(self) -> pa.Table:
        """Group codes into persons; returns their `person_id`s."""

    def unknown_events(self) -> pa.Table:
        """Groups and fields of the new batches that the catalogue does not know, with rows."""

    def fold(self, table: Table) -> FoldedTable | StagedTable:
        """The whole history of one table for the touched persons."""

    def counted(self, statement: str) -> pa.Table:
        """The answer to a question of counts about the table that was folded last, in any parts."""

    def persons(self) -> pa.Table | StagedRows:
        """`register.person` for the touched persons."""

    def aliases(self) -> pa.Table | StagedRows:
        """`register.person_alias` for the touched persons."""

    def refresh_requests(self) -> pa.Table | StagedRows:
        """`register.refresh_request` for the touched persons."""

    def told(self) -> pa.Table | StagedRows:
        """`register.scope_member` for the touched persons, without membership."""

    def anomalies(self) -> dict[str, int]:
        """How many rows did not fit, by kind."""

    def faults(self) -> pa.Table:
        """What could not be read in the new batches: position, group, reason, whose code it was."""
