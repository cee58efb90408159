"""Where the tasks leave what they folded: tables of PostgreSQL beside the register, for one run.

Every row tells by whose attempt it is there, so that a task which was lost and done again, or done
twice, counts once: the attempts that Spark calls successful do. Keep out who folds (`tasks.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg2
import psycopg2.errors
import pyarrow as pa

from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline.register.staged import StagedRows
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor as AdbcCursor

    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database

PREFIX = "staging_spark_"
CODES, TOUCHED = "known_code", "known_person"
"""Each code with the person who has it, and each person: of the touched ones, all there are."""
ATTEMPT = "attempt"
_KEYED = {
    "person": (
        "person_id", "identity_code", "is_alive", "is_protected", "first_recorded",
        "last_recorded",
    ),
    "person_alias": ("alias_id", "person_id"),
    "refresh_request": ("person_id", "reason", "recorded_at"),
    "scope_member": ("subscription", "person_id", "first_recorded", "last_recorded"),
}  # fmt: skip
_LEFT = "select nspname from pg_namespace where starts_with(nspname, %s)"
_SOON = "set lock_timeout = '30s'"


@dataclass(frozen=True)
class Staging:
    """The tables of one run; made by `staging`.

    Attributes:
        schema: That they are in.
        columns: Table → its columns, as the register has them.
    """

    schema: str
    columns: Mapping[str, tuple[str, ...]]

    def rows(self, name: str, attempts: Sequence[int]) -> StagedRows:
        """The rows of some attempts in a table."""
        columns = self.columns[name]
        of_attempts = f"{ATTEMPT} in ({', '.join(str(int(one)) for one in attempts) or 'null'})"
        source = f"{self.schema}.{name}"
        if "related_person_id" not in columns:
            return StagedRows(f"(select * from {source} where {of_attempts})", columns)
        # Who a related person is, is known to the task that folded them.
        own = ", ".join(f"f.{one}" for one in columns if one != "related_person_id")
        relation = (
            f"(select {own}, k.person_id::uuid as related_person_id "
            f"from (select * from {source} where {of_attempts}) as f left join "
            f"(select * from {self.schema}.{CODES} where {of_attempts}) as k "
            "on f.related_identity_code = k.code)"
        )
        return StagedRows(relation, columns)

    def put(
        self, cursor: AdbcCursor, name: str, attempt: int, rows: pa.Table | pa.RecordBatchReader
    ) -> None:
        """Bring rows; they are there when the cursor's transaction is committed."""
        reader = rows.to_reader() if isinstance(rows, pa.Table) else rows
        marked = pa.RecordBatchReader.from_batches(
            reader.schema.append(pa.field(ATTEMPT, pa.int64())), _marked(reader, attempt)
        )
        cursor.adbc_ingest(name, marked, mode="append", db_schema_name=self.schema)


def _marked(reader: pa.RecordBatchReader, attempt: int) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        yield batch.append_column(ATTEMPT, pa.array([attempt] * batch.num_rows, pa.int64()))


@contextmanager
def staging(database: Database, catalogue: Catalogue) -> Iterator[Staging]:
    """Tables for a run that holds the register's writer lock; gone at the end."""
    folded = {
        name: tuple(one.name for one in all_columns(table))
        for name, table in catalogue.tables.items()
    }
    made = Staging(PREFIX + uuid4().hex[:12], {**folded, **_KEYED})
    tables = {
        name: f"{', '.join(f'r.{one}' for one in columns)} from register.{name} as r"
        for name, columns in made.columns.items()
    }
    tables[CODES] = "null::text as code, null::text as person_id"
    tables[TOUCHED] = "null::uuid as person_id"
    _run(database, render("staging.sql", schema=made.schema, tables=tables))
    try:
        yield made
    finally:
        # A task that nobody waits for may still hold one: then the next run drops them.
        with suppress(psycopg2.errors.LockNotAvailable):
            _run(database, f"{_SOON}; drop schema if exists {made.schema} cascade")


def analyze(database: Database, staging: Staging) -> None:
    """Let the server know how much came."""
    names = (*staging.columns, CODES)
    _run(database, f"analyze {', '.join(f'{staging.schema}.{name}' for name in names)}")


def drop_left_staging(database: Database) -> None:
    """Drop the tables of runs that were killed; for whoever holds the register's writer lock."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_LEFT, (PREFIX,))
        left = [name for (name,) in cursor.fetchall()]
    for name in left:
        with suppress(psycopg2.errors.LockNotAvailable):
            _run(database, f"{_SOON}; drop schema if exists {name} cascade")


def _run(database: Database, statement: str) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
