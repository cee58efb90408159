"""The events of a publication once they are in order, and which of them each table is folded from.

They stand in memory, or where they are too many in files by group in the engine's own folder. Keep
out how they are put in order (`sql/persons.sql`) and folded (`fold.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.catalogue.model import IDENTITY_CODE, OTHER_GROUP
from vtj_pipeline.register.fold import groups_by_table
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.landing import Engine

BYTES_AN_EVENT = 1_500
"""What an event takes in memory, with what is made of it; more than fit are kept in files."""
_UNITS = {"MB": 10**6, "GB": 10**9}


def most_in_memory(memory: str) -> int:
    """How many events may stand in so much memory, as `VTJ_FOLD_MEMORY` has it."""
    return int(float(memory[:-2]) * _UNITS[memory[-2:]]) // BYTES_AN_EVENT


def group_table(catalogue: Catalogue) -> pa.Table:
    """`tietoryhma` and `table_name` wherever a table is folded from a group."""
    pairs = groups_by_table(catalogue)
    return pa.Table.from_pylist([{"tietoryhma": one, "table_name": table} for one, table in pairs])


@dataclass
class OrderedEvents:
    """The events of one publication.

    Attributes:
        engine: Where they are asked for.
        catalogue: Whose groups.
        narrows: Whether some persons are folded in some tables only (`sql/settled.sql`).
        folder: Where their files are; None: they stand in memory.
    """

    engine: Engine
    catalogue: Catalogue
    narrows: bool = False
    folder: Path | None = None
    _files: dict[str, list[str]] = field(default_factory=dict)

    @property
    def by_table(self) -> bool:
        """Whether each table is given its own events, in the place of all."""
        return self.narrows or self.folder is not None

    @property
    def name(self) -> str:
        """The relation with all of them."""
        return "told_event" if self.by_table else "person_event"

    @property
    def target(self) -> str | None:
        """Where the engine is to write them to, by group; None: nowhere."""
        return None if self.folder is None else self.engine.address(self.folder.name)

    def find_files(self) -> None:
        """See which files were written, and make them the relation."""
        if self.folder is None:
            return
        self._files = {
            group.name.partition("=")[2]: [
                self.engine.address(f"{self.folder.name}/{group.name}/{file.name}")
                for file in sorted(group.iterdir())
            ]
            for group in self.folder.iterdir()
        }
        files = list(chain.from_iterable(self._files.values()))
        self.engine.connection.execute("set variable told_files = ?", [files])
        self.engine.connection.execute(
            "create or replace temp view told_event as select * from "
            "read_parquet(getvariable('told_files'), hive_partitioning = false)"
        )

    def statement_for(self, table: Table) -> str:
        """What makes `person_event` the events that a table is folded from."""
        files = [] if self.narrows else self._files_of(table)
        self.engine.connection.execute("set variable table_files = ?", [files])
        return render(
            "events_of_table.sql",
            table=table.name,
            groups=sorted(self._groups_of(table)),
            other_group=OTHER_GROUP,
            narrows=self.narrows,
            has_files=bool(files),
        )

    def _files_of(self, table: Table) -> list[str]:
        groups = self._groups_of(table)
        # What nobody knows has one name; and every message tells that its code is in use.
        groups |= {OTHER_GROUP} if table.name == OTHER_GROUP else set()
        groups |= set(self._files) if table.name == IDENTITY_CODE else set()
        return list(chain.from_iterable(self._files.get(one, []) for one in sorted(groups)))

    def _groups_of(self, table: Table) -> set[str]:
        return {group for group, name in groups_by_table(self.catalogue) if name == table.name}
