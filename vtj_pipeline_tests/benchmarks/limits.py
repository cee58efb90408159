"""What the machine itself can do with the same bytes and rows, to hold each stage against.

Seconds are those of the bare work, without what leads up to it. Keep out the stages
(`national.py`).
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.events.structure import structure
from vtj_pipeline.landing import Storage, landed_batches, read_pages
from vtj_pipeline.privacy import data_keys

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.settings import Settings

_PARSE = """
select count(*), sum(len(person.henkilotunnus) + len(person.tietoryhmat)) from (
    select unnest(from_json(decode(body), '{structure}').{key}) as person from pages
)
"""
_KEYS = {"baseline": "perustiedot", "change": "muutokset"}
_INDEXES = "select indexdef from pg_indexes where schemaname = 'register' and tablename = %s"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Limit:
    """Bare work: what went through it, in how long.

    Attributes:
        count: Persons, messages, bytes or rows.
        parts: Seconds by part, where it has some.
    """

    count: int
    seconds: float
    parts: dict[str, float]


def bare_parse(settings: Settings, database: Database, kind: str) -> Limit:
    """DuckDB parses the JSON of all landed answers of a kind, with every processor.

    Once into a typed column for every field of every row, which is the limit, and once only cut
    into rows, which is a part of that.
    """
    storage = Storage(settings.home, data_keys(settings))
    batches = [one for one in landed_batches(database) if one.kind == kind]
    count, seconds = 0, {"typed": 0.0, "cut into rows": 0.0}
    statements = {
        "typed": _parse(_KEYS[kind], _every_field()),
        "cut into rows": _parse(_KEYS[kind], "JSON"),
    }
    workers = os.cpu_count() or 1
    with closing(duckdb.connect()) as engine, ThreadPoolExecutor(workers) as pool:
        engine.execute("set threads = 1")
        engines = [engine.cursor() for _ in range(workers)]
        for batch in batches:
            pages = read_pages(storage, batch).select(["body"])
            share = -(-pages.num_rows // workers)
            slices = [pages.slice(n * share, share) for n in range(workers)]
            for name, statement in statements.items():
                started = time.perf_counter()
                found = sum(pool.map(_parsed, engines, slices, [statement] * workers))
                seconds[name] += time.perf_counter() - started
            count += found
    return Limit(count, seconds["typed"], seconds)


def _parse(key: str, row: object) -> str:
    person = {"henkilotunnus": "VARCHAR", "tietoryhmat": [row]}
    return _PARSE.format(structure=json.dumps({key: [person]}), key=key)


def _every_field() -> object:
    """The structure of a row of any group."""
    fields = {field.name: field for group in CATALOGUE.groups.values() for field in group.fields}
    envelope = {"tietoryhma": "VARCHAR", "muutosattribuutti": "VARCHAR"}
    return {**envelope, **json.loads(structure(fields.values()))}


def _parsed(engine: duckdb.DuckDBPyConnection, pages: pa.Table, statement: str) -> int:
    engine.register("pages", pages)
    ((persons, _),) = engine.execute(statement).fetchall()
    return int(persons)


def bare_read(folder: Path) -> Limit:
    """All files of a folder are read from the disk, past what the system remembers of them."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    os.sync()
    for path in files:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    count = 0
    started = time.perf_counter()
    for path in files:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                count += len(block)
    return Limit(count, time.perf_counter() - started, {})


def bare_copy(settings: Settings, database: Database, since: datetime | None) -> Limit:
    """COPY of the register's rows into bare tables, and the same indexes made on them.

    Args:
        settings: Whose home takes the rows in between.
        database: With the register.
        since: Only rows that were recorded or ended since then; None: all.
    """
    rows, copied, indexed = 0, 0.0, 0.0
    file = settings.home / "bare.copy"
    with closing(database.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists bare cascade; create schema bare")
            for table in (*CATALOGUE.tables, "person"):
                _write_out(cursor, table, since, file)
                cursor.execute(f"create table bare.{table} (like register.{table})")
                started = time.perf_counter()
                with file.open("rb") as source:
                    cursor.copy_expert(f"copy bare.{table} from stdin (format binary)", source)
                rows += cursor.rowcount
                copied += time.perf_counter() - started
                indexed += _index(cursor, table)
                cursor.execute(f"drop table bare.{table}")
            cursor.execute("drop schema bare cascade")
    file.unlink()
    return Limit(rows, copied + indexed, {"copy": copied, "indexes": indexed})


def bare_scan(database: Database) -> Limit:
    """Every row of the register is read once."""
    started = time.perf_counter()
    rows = 0
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        for table in (*CATALOGUE.tables, "person"):
            cursor.execute(f"select count(t) from register.{table} as t")
            (count,) = cursor.fetchone() or (0,)
            rows += int(count)
    return Limit(rows, time.perf_counter() - started, {})


def _write_out(cursor: Cursor, table: str, since: datetime | None, file: Path) -> None:
    first = "first_recorded" if table == "person" else "recorded_from"
    last = "last_recorded" if table == "person" else "recorded_to"
    where = f"where {first} >= '{since}' or {last} >= '{since}'" if since else ""
    with file.open("wb") as target:
        cursor.copy_expert(
            f"copy (select * from register.{table} {where}) to stdout (format binary)", target
        )


def _index(cursor: Cursor, table: str) -> float:
    cursor.execute(_INDEXES, (table,))
    definitions = [definition for (definition,) in cursor.fetchall()]
    started = time.perf_counter()
    for definition in definitions:
        cursor.execute(definition.replace(" ON register.", " ON bare."))
    return time.perf_counter() - started
