"""The straight way: a loop over persons with SQLAlchemy that makes the rows as they are now.

Chosen: SQLAlchemy Core with PostgreSQL's `insert … on conflict do update`, a primary key, an index
by person, all rows of a person and a table in one statement, a commit every thousand persons. Rows
that are not told any more are deleted. No history is kept, as in the usual synchronisation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from vtj_pipeline_tests.benchmarks.peers.peer import Standing
from vtj_pipeline_tests.benchmarks.peers.rows import HASH, KEY, PERSON, Load, by_person

_SCHEMA = "peer_upsert"
_COMMIT_EVERY = 1000
_TYPES: tuple[tuple[Any, type[sa.types.TypeEngine[Any]]], ...] = (
    (pa.types.is_integer, sa.BigInteger),
    (pa.types.is_boolean, sa.Boolean),
    (pa.types.is_date, sa.Date),
)


class Upsert:
    """A loop of upserts, person by person."""

    name = "SQLAlchemy upsert loop"
    configured = "on conflict do update, index by person, commit every 1,000 persons"
    keeps_history = False

    def begin(self, url: str, folder: Path, load: Load) -> None:
        with _connected(url) as connection:
            connection.execute(sa.text(f"drop schema if exists {_SCHEMA} cascade"))
            connection.execute(sa.text(f"create schema {_SCHEMA}"))
            tables = _tables(load)
            tables[0].metadata.create_all(connection)
            connection.commit()
            _loop(connection, tables, load, None)

    def go_on(self, url: str, folder: Path, load: Load) -> None:
        assert load.persons is not None
        with _connected(url) as connection:
            _loop(connection, _tables(load), load, load.persons)

    def standing(self, url: str, table: str, value: str, at: datetime | None) -> Standing:
        if at is not None:
            return set()
        with _connected(url) as connection:
            rows = connection.execute(sa.text(f"select person_id, {value} from {_SCHEMA}.{table}"))
            return {(person, told) for person, told in rows}


def _loop(
    connection: sa.Connection,
    tables: Sequence[sa.Table],
    load: Load,
    persons: Sequence[str] | None,
) -> None:
    told = {table.name: by_person(load.read(table.name)) for table in tables}
    everyone = persons or sorted(set().union(*told.values()))
    statements = [(table, _upsert(table)) for table in tables]
    for number, person in enumerate(everyone, 1):
        for table, statement in statements:
            rows = told[table.name].get(person, [])
            if persons is not None:
                kept = [row[KEY] for row in rows]
                of_person = table.c[PERSON] == person
                connection.execute(table.delete().where(of_person, table.c[KEY].not_in(kept)))
            if rows:
                connection.execute(statement, rows)
        if number % _COMMIT_EVERY == 0:
            connection.commit()
    connection.commit()


def _upsert(table: sa.Table) -> Any:
    new = insert(table)
    changed = {c.name: new.excluded[c.name] for c in table.columns if c.name != KEY}
    return new.on_conflict_do_update(
        index_elements=[KEY], set_=changed, where=table.c[HASH] != new.excluded[HASH]
    )


def _tables(load: Load) -> list[sa.Table]:
    metadata = sa.MetaData(schema=_SCHEMA)
    return [_table(name, load, metadata) for name in load.tables]


def _table(name: str, load: Load, metadata: sa.MetaData) -> sa.Table:
    columns = [
        sa.Column(
            field.name,
            _type(field.type),
            primary_key=field.name == KEY,
            index=field.name == PERSON,
        )
        for field in load.read(name).schema
    ]
    return sa.Table(name, metadata, *columns)


def _type(arrow: pa.DataType) -> sa.types.TypeEngine[Any]:
    if pa.types.is_timestamp(arrow):
        return sa.DateTime(timezone=True)
    return next((kind() for is_kind, kind in _TYPES if is_kind(arrow)), sa.Text())


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    # psycopg2's dialect, which reads the address as libpq does.
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
