"""Writing one publication's differences to PostgreSQL, inside the caller's transaction.

Add here how a table of the register is written. Keep out what is to be written (`publish.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import pyarrow as pa

from vtj_pipeline.register.ddl import all_columns, value_columns
from vtj_pipeline.register.folded import UUID, plain_column
from vtj_pipeline.register.staged import StagedRows, StagedTable
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from adbc_driver_manager.dbapi import Cursor

    from vtj_pipeline.catalogue import Table
    from vtj_pipeline.register.folded import Differences, FoldedTable

Rows: TypeAlias = pa.Table | pa.RecordBatchReader | StagedRows
_TIMES = {"first_recorded": "timestamptz", "last_recorded": "timestamptz"}
_PERSON = {
    "identity_code": "text",
    "is_alive": "boolean",
    "is_protected": "boolean",
    **_TIMES,
}


@dataclass(frozen=True)
class Changes:
    """How many rows of a table were removed, ended or changed, and inserted."""

    removed: int = 0
    ended: int = 0
    inserted: int = 0

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.removed or self.ended or self.inserted)

    def __add__(self, more: Changes) -> Changes:
        """All of these and of those."""
        return Changes(
            self.removed + more.removed, self.ended + more.ended, self.inserted + more.inserted
        )


class RegisterWriter:
    """The writer of one publication; everything happens on one cursor.

    Args:
        cursor: Of a connection whose transaction the caller ends.
        everyone: Whether every person of the register is folded, and not only some.
        is_repair: Whether, with everyone, each standing row is compared whole.
    """

    def __init__(self, cursor: Cursor, *, everyone: bool, is_repair: bool = False) -> None:
        self._cursor = cursor
        self.everyone = everyone
        self._is_repair = is_repair
        # Many lookups look dear enough to be compiled, each statement anew, and are not.
        cursor.execute("set local jit = off")

    def everyone_standing(self) -> pa.ChunkedArray:
        """The person_id of everybody in the register."""
        self._cursor.execute("select person_id from register.person")
        return self._cursor.fetch_arrow_table()["person_id"]

    def codes_of_same_persons(self, codes: pa.Table) -> pa.Table:
        """All codes of the persons who have one of these (`code`).

        Returns `code`, `person_id` and `is_alone` (widen.sql).
        """
        self._stage("touched_code", codes)
        self._cursor.execute(render("widen.sql"))
        return self._cursor.fetch_arrow_table()

    def touch(self, *persons: pa.ChunkedArray) -> None:
        """Say whose rows may change (uuids): the temporary table `touched`."""
        chunks = [chunk for some in persons for chunk in plain_column(some).chunks]
        touched = pa.chunked_array(chunks, type=UUID).unique()
        self._stage("touched", pa.table({"person_id": touched}), {"person_id": "uuid"})

    def narrow(self, touched_in: pa.Table) -> None:
        """Say of whom they may in some folded tables only: `touched_in` and `touched_whole`.

        Args:
            touched_in: `person_id` and `table_name`, of some of the touched persons.
        """
        columns = {"person_id": "uuid", "table_name": "text"}
        self._stage("touched_in", touched_in, columns, index="table_name, person_id")
        self._cursor.execute("drop table if exists pg_temp.touched_whole")
        self._cursor.execute(render("touched_whole.sql"))
        self._cursor.execute("analyze pg_temp.touched_whole")

    def standing(self, table: Table) -> pa.Table | None:
        """`row_id` and `recorded_to` of what stands in a folded table of whom was folded in it.

        Where everybody is folded, `related_person_id` as well. None: to be filled or repaired, so
        that what stands is not asked for.
        """
        if self._is_written_whole(table):
            return None
        relations = self._with_relations(table)
        statement = render(
            "standing.sql", table=table.name, everyone=self.everyone, with_relations=relations
        )
        self._cursor.execute(statement)
        return self._cursor.fetch_arrow_table()

    def write_folded(self, table: Table, folded: FoldedTable | StagedTable) -> Changes:
        """Write the whole history of the touched persons in one folded table."""
        if isinstance(folded, StagedTable):
            return self._write_staged(table, folded.rows())
        standing = self.standing(table)
        if standing is not None:
            relations = self._with_relations(table)
            found = folded.differences(standing, with_relations=relations)
            return self._write_differences(table, found, with_relations=relations)
        return self._write_whole(table, folded.rows())

    def give_up(self) -> None:
        """End what another thread is having done; the transaction is lost."""
        self._cursor.adbc_cancel()

    def leave_out(self, persons: Collection[str]) -> int:
        """Say who is not to be compared; returns how many of them are touched."""
        self._stage("staged", pa.table({"person_id": pa.array(sorted(persons), pa.string())}))
        self._cursor.execute("drop table if exists pg_temp.not_compared")
        self._cursor.execute(render("not_compared.sql"))
        return self._one("select count(*) from not_compared")

    def compare(self, table: Table, folded: FoldedTable) -> pa.Table:
        """By group, persons and those whose current rows are not these; writes nothing."""
        columns = {one.name: one.type for one in all_columns(table)}
        self._stage("staged", folded.rows(), columns)
        self._cursor.execute(render("drift.sql", table=table.name, columns=value_columns(table)))
        return self._cursor.fetch_arrow_table()

    def write_person(self, rows: pa.Table | StagedRows) -> Changes:
        """Write register.person."""
        return self._keyed("person", rows, {"person_id": "uuid"}, _PERSON)

    def write_aliases(self, rows: pa.Table | StagedRows) -> Changes:
        """Write register.person_alias."""
        return self._keyed("person_alias", rows, {"alias_id": "uuid"}, {"person_id": "uuid"})

    def write_requests(self, rows: pa.Table | StagedRows) -> Changes:
        """Write register.refresh_request."""
        keys = {"person_id": "uuid", "reason": "text"}
        return self._keyed("refresh_request", rows, keys, {"recorded_at": "timestamptz"})

    def write_members(self, rows: pa.Table | StagedRows) -> Changes:
        """Write register.scope_member: who was told of, then who is in scope."""
        keys = {"subscription": "text", "person_id": "uuid"}
        changes = self._keyed("scope_member", rows, keys, _TIMES)
        return changes + Changes(ended=self._one(render("members.sql", everyone=self.everyone)))

    def relate(self, table: str) -> Changes:
        """Write who the related persons of a table are, as far as they are touched."""
        self._cursor.execute("drop table if exists pg_temp.candidate")
        self._cursor.execute(render("relate_candidates.sql", table=table))
        self._cursor.execute("analyze pg_temp.candidate")
        return Changes(ended=self._one(render("relate.sql", table=table)))

    def quarantine(self, rows: pa.Table) -> Changes:
        """Keep what could not be read.

        Where everyone is folded these are all, and no other row stays.
        """
        changes = Changes()
        if rows.num_rows or self.everyone:
            self._stage("staged", rows)
            changes = self._changes(render("quarantine.sql", everyone=self.everyone))
        return changes + Changes(ended=self._one(render("quarantine_persons.sql")))

    def record(
        self,
        run_id: str,
        batches: Sequence[int],
        persons: int,
        changes: Mapping[str, Changes],
        rules: str,
        anomalies: Mapping[str, int],
    ) -> int:
        """Write the publication and the batches that it took in; returns its number."""
        self._stage("staged", pa.table({"batch_id": pa.array(batches, pa.int64())}))
        text = json.dumps({table: vars(changed) for table, changed in changes.items()})
        values = (run_id, len(batches), persons, text, rules, json.dumps(dict(anomalies)))
        return self._one(render("record_publication.sql"), values)

    def counted(self, statement: str) -> pa.Table:
        """The answer to a question of counts about the rows of touched persons."""
        self._cursor.execute(statement)
        return self._cursor.fetch_arrow_table()

    def record_unknown(self, counts: pa.Table, publication: int) -> int:
        """Write register.unknown_seen; returns the number of changed rows."""
        self._stage("staged", counts)
        return self._one(render("record_unknown.sql", everyone=self.everyone), (publication,))

    def _is_written_whole(self, table: Table) -> bool:
        return self.everyone and (self._is_repair or self._is_empty(table.name))

    def _write_whole(self, table: Table, rows: Rows) -> Changes:
        if self._is_empty(table.name):
            return self._fill(table.name, rows)
        columns = {one.name: one.type for one in all_columns(table)}
        self._stage("staged", rows, columns, index="row_id")
        return self._changes(render("repair.sql", table=table.name, columns=all_columns(table)))

    def _write_staged(self, table: Table, rows: StagedRows) -> Changes:
        if self._is_written_whole(table):
            return self._write_whole(table, rows)
        return self._changes(
            render(
                "apply_staged.sql",
                table=table.name,
                relation=rows.relation,
                columns=rows.columns,
                everyone=self.everyone,
                with_relations=self._with_relations(table),
            )
        )

    def _is_empty(self, table: str) -> bool:
        self._cursor.execute(f"select not exists (select 1 from register.{table})")
        row = self._cursor.fetchone()
        return bool(row and row[0])

    def _write_differences(
        self, table: Table, found: Differences, *, with_relations: bool
    ) -> Changes:
        removed = ended = 0
        if found.removed.num_rows or found.ended.num_rows:
            self._stage("gone", found.removed, {"row_id": "uuid"})
            columns = {"row_id": "uuid", "recorded_to": "timestamptz"}
            if with_relations:
                columns["related_person_id"] = "uuid"
            self._stage("ended", found.ended, columns)
            self._cursor.execute(
                render("apply_differences.sql", table=table.name, with_relations=with_relations)
            )
            removed, ended = self._cursor.fetchone() or (0, 0)
        return Changes(removed, ended, self._copy(table.name, found.new))

    def _with_relations(self, table: Table) -> bool:
        # Only where everybody is folded does the fold know of every related person who they are.
        return table.names_a_person and self.everyone

    def _fill(self, table: str, rows: Rows) -> Changes:
        # Rows in the order of a hash would touch a page of each index for every row; an index that
        # is built afterwards is built once. Nobody reads a register that nothing was published to.
        self._cursor.execute(render("indexes.sql"), (table,))
        indexes = self._cursor.fetchall()
        for one in indexes:
            self._cursor.execute(one[0])
        inserted = self._copy(table, rows)
        for one in indexes:
            self._cursor.execute(one[1])
        self._learn(table)
        return Changes(inserted=inserted)

    def _copy(self, table: str, rows: Rows) -> int:
        if isinstance(rows, StagedRows):
            names = {"relation": rows.relation, "columns": rows.columns}
            return self._one(render("insert_staged.sql", table=table, **names))
        return int(self._cursor.adbc_ingest(table, rows, mode="append", db_schema_name="register"))

    def _keyed(
        self, table: str, rows: Rows, keys: Mapping[str, str], values: Mapping[str, str]
    ) -> Changes:
        if self.everyone and self._is_empty(table):
            return self._fill(table, rows)
        columns = {**keys, **values}
        self._stage("staged", rows, columns)
        changes = self._changes(
            render(
                "apply_keyed.sql",
                table=table,
                keys=keys,
                values=values,
                columns=columns,
                is_repair=self._is_repair,
            )
        )
        if self.everyone:
            self._learn(table)
        return changes

    def _learn(self, table: str) -> None:
        # The views are asked at once, and the server's own turn would come a minute later: until
        # then it takes a table that was filled for an empty one.
        self._cursor.execute(f"analyze register.{table}")

    def _stage(
        self,
        name: str,
        rows: Rows,
        columns: Mapping[str, str] | None = None,
        *,
        index: str | None = None,
    ) -> None:
        """Make a temporary table of rows; of the types of its columns where these are given."""
        self._cursor.execute(f"drop table if exists pg_temp.{name}")
        if columns is not None:
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            self._cursor.execute(f"create temporary table {name} ({typed})")
        if isinstance(rows, StagedRows):
            names = ", ".join(columns or rows.columns)
            self._cursor.execute(
                f"insert into pg_temp.{name} ({names}) select {names} from {rows.relation} as s"
            )
        else:
            mode: Literal["create", "append"] = "create" if columns is None else "append"
            self._cursor.adbc_ingest(name, rows, mode=mode, temporary=True)
        if index is not None:
            self._cursor.execute(f"create index on pg_temp.{name} ({index})")
        self._cursor.execute(f"analyze pg_temp.{name}")

    def _changes(self, statement: str) -> Changes:
        self._cursor.execute(statement)
        row = self._cursor.fetchone()
        assert row is not None
        return Changes(*(int(count) for count in row))

    def _one(self, statement: str, values: tuple[object, ...] | None = None) -> int:
        self._cursor.execute(statement, values)
        row = self._cursor.fetchone()
        assert row is not None
        return int(row[0])
