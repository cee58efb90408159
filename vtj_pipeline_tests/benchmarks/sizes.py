"""Bytes a person: landed files, events and register as they are, and the same rows otherwise.

What is otherwise stands in `_EVENTS` and `_REGISTER`. Keep out seconds (`national.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.events import events_path
from vtj_pipeline.landing import Storage, landed_batches, private_engine, read_pages
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline_tests.benchmarks.population import Population, sql
from vtj_pipeline_tests.benchmarks.stages import benchmark_settings, fold

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.settings import Settings

_SORTED = "order by subject, cursor, stage, page, message, line"
# Otherwise → columns, order, compression.
_EVENTS = {
    "as they are written, but not sealed": ("*", _SORTED, "zstd"),
    "in no order": ("*", "order by hash(event_id)", "zstd"),
    "by group, then by person": ("*", f"{_SORTED.replace('by ', 'by tietoryhma, ')}", "zstd"),
    "snappy": ("*", _SORTED, "snappy"),
    "not compressed": ("*", _SORTED, "uncompressed"),
    "without event_id": ("* exclude (event_id)", _SORTED, "zstd"),
    "event_id as text": ("* replace (event_id::varchar as event_id)", _SORTED, "zstd"),
}
_REGISTER = {"uuid as text": "text_columns", "columns by alignment": "ordered_columns"}
_LARGEST = 12
Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """Bytes of all persons together; `of` is what they are compared with, in bytes."""

    name: str
    persons: int
    size: int
    of: int

    def __str__(self) -> str:
        return (
            f"{self.name:<60} {self.size / self.persons:>9,.1f} bytes a person "
            f"{self.size / self.of:>6.2f}"
        )


def sizes(persons: Population, home: Path, memory: str | None, say: Say) -> Iterator[Size]:
    """Make a register in a new home, and yield what it takes, stage by stage."""
    landed = fold(persons, home, memory, say).landed
    settings = benchmark_settings(home, memory)
    with running_database(settings) as database:
        for name, size, of in (
            *_landed(settings, database, landed.json_bytes),
            *_events(settings, database),
            *_register(database),
        ):
            yield Size(name, landed.persons, size, of)


def _landed(
    settings: Settings, database: Database, json_bytes: int
) -> Iterator[tuple[str, int, int]]:
    storage = Storage(settings.home, data_keys(settings))
    batches = landed_batches(database)
    bodies = sum(
        len(body) for batch in batches for body in read_pages(storage, batch)["body"].to_pylist()
    )
    # What was told twice is in the files twice.
    yield "answers as they came", bodies, json_bytes
    files = storage.sizes("landing", [batch.file for batch in batches])
    yield "landed files", sum(files.values()), json_bytes


def _events(settings: Settings, database: Database) -> Iterator[tuple[str, int, int]]:
    storage = Storage(settings.home, data_keys(settings))
    files = [events_path(batch) for batch in landed_batches(database)]
    written = sum(storage.sizes("events", files).values())
    yield "events files", written, written
    other = settings.home / "other.parquet"
    with private_engine(storage, settings.fold_memory) as engine:
        for name, (columns, order, codec) in _EVENTS.items():
            size = 0
            for file in files:
                engine.connection.execute(
                    f"copy (select {columns} from '{storage.engine_address(file)}' {order}) "
                    f"to '{other}' (format parquet, compression {codec})"
                )
                size += other.stat().st_size
            yield f"events: {name}", size, written
    other.unlink()


def _register(database: Database) -> Iterator[tuple[str, int, int]]:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(sql("register_bytes"))
        tables = cursor.fetchall()
        whole = sum(rows + indexes for _, _, rows, indexes in tables)
        yield "register", whole, whole
        yield "register: indexes", sum(indexes for *_, indexes in tables), whole
        for table, count, rows, indexes in tables[:_LARGEST]:
            yield f"register: {table}, {count:,} rows", rows + indexes, whole
        bare = sum(rows for _, _, rows, _ in tables)
        yield "register: rows alone", bare, bare
        for name, statement in _REGISTER.items():
            size = sum(_otherwise(cursor, table, statement) for table, *_ in tables)
            yield f"register: rows alone, {name}", size, bare
        connection.rollback()


def _otherwise(cursor: Cursor, table: str, statement: str) -> int:
    """The bytes of the same rows with other columns."""
    cursor.execute(sql(statement).replace("{table}", table))
    (columns,) = cursor.fetchone() or ("",)
    cursor.execute(f"create table otherwise as select {columns} from register.{table}")
    cursor.execute("select pg_table_size('otherwise')")
    (size,) = cursor.fetchone() or (0,)
    cursor.execute("drop table otherwise")
    return int(size)
