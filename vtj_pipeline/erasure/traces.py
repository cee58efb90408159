"""Traces of erased persons: looked for in files and tables, and taken out of logs.

Looked for is every code that has a tombstone, and every person_id and pseudonym of who is being
erased, in all files under the home but the database's own, with landing, events and register files
as they read, and in all rows of all tables. Keep out landing, events and the rows of persons
(`landed.py`, `rows.py`).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2 import sql

from vtj_pipeline.landing.redaction import CODE
from vtj_pipeline.landing.storage import FOLDERS

if TYPE_CHECKING:
    from vtj_pipeline.landing import Storage
    from vtj_pipeline.landing.tombstones import Tombstones
    from vtj_pipeline.postgres import Cursor, Database

_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST = 36
_CHUNK = 4_000_000
_SEALED = FOLDERS
# Keys, and PostgreSQL's own folder, which is read table by table.
_NOT_READ = ("pg", "keys")
_ERASED = b"erased"
# The one table that names them until the end.
_LIST = "ledger.being_erased"
_TABLES = (
    "select n.nspname, c.relname from pg_class as c "
    "inner join pg_namespace as n on c.relnamespace = n.oid "
    "where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') "
    "and n.nspname not like 'pg\\_%' order by 1, 2"
)
_TEXTS = (
    "select a.attname from pg_attribute as a where a.attrelid = %s::regclass and a.attnum > 0 "
    "and not a.attisdropped and a.atttypid in ('text'::regtype, 'varchar'::regtype)"
)


@dataclass
class Sought:
    """Who is looked for.

    Attributes:
        tombstones: Of their codes.
        person_ids: And pseudonyms, in small letters.
    """

    tombstones: Tombstones
    person_ids: frozenset[bytes] = field(repr=False)
    _judged: dict[bytes, bool] = field(default_factory=dict, repr=False)

    def in_text(self, text: bytes | memoryview) -> Iterator[bytes]:
        """Every code and person_id of theirs in a text."""
        for found in CODE.finditer(text):
            code = bytes(found[0])
            if code not in self._judged:
                self._judged[code] = self.tombstones.knows(code.decode())
            if self._judged[code]:
                yield code
        if self.person_ids:
            for found in _ID.finditer(text):
                if bytes(found[0]).lower() in self.person_ids:
                    yield bytes(found[0])


@dataclass
class Traces:
    """What a look came to.

    Attributes:
        files: Files read.
        bytes: What they hold.
        tables: Tables read.
        found: Place → traces in it; places are files under the home, and tables.
    """

    files: int = 0
    bytes: int = 0
    tables: int = 0
    found: Counter[str] = field(default_factory=Counter)


def look_for_traces(databases: Iterable[Database], storage: Storage, sought: Sought) -> Traces:
    """Read everything that the program keeps; nothing is changed.

    Args:
        databases: Its own, and that of Dagster's storage if it is another one.
        storage: Where landed and events files stand.
        sought: Who is looked for.
    """
    traces = Traces()
    # Files that stayed on this machine when others went to an object store are read, too.
    for files in (storage,) if storage.far is None else (storage, storage.here):
        for path in (path for folder in _SEALED for path in files.files(folder)):
            traces.files += 1
            for text in _texts_of(files, path):
                traces.bytes += len(text)
                _add(traces, path, sought.in_text(text))
    for file in _plain_files(storage.root):
        traces.files += 1
        traces.bytes += file.stat().st_size
        _add(traces, str(file.relative_to(storage.root)), _in_file(file, sought))
    for one in databases:
        _look_through(one, sought, traces)
    return traces


def names_anybody(storage: Storage, path: str, sought: Sought) -> bool:
    """Whether a file of landing or events names one of them."""
    return any(True for text in _texts_of(storage, path) for _ in sought.in_text(text))


def clear_texts(database: Database, schemas: Iterable[str], sought: Sought) -> int:
    """Take them out of the texts of some schemas' tables; returns the rows changed."""
    changed = 0
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        for name in _tables(cursor):
            if name.split(".")[0] in schemas:
                for needle in set(_in_table(cursor, name, sought)):
                    changed += _blank(cursor, name, needle.decode())
    return changed


def clear_files(root: Path, sought: Sought) -> int:
    """Take them out of plain files under the home, which are logs; returns the files changed."""
    changed = 0
    for file in _plain_files(root):
        needles = set(_in_file(file, sought))
        if needles:
            text = file.read_bytes()
            for needle in needles:
                text = text.replace(needle, _ERASED)
            temporary = file.with_name(f".{file.name}.part")
            temporary.write_bytes(text)
            temporary.chmod(file.stat().st_mode & 0o777)
            temporary.replace(file)
            changed += 1
    return changed


def _look_through(database: Database, sought: Sought, traces: Traces) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        for name in _tables(cursor):
            if name != _LIST:
                traces.tables += 1
                _add(traces, name, _in_table(cursor, name, sought))


def _add(traces: Traces, place: str, found: Iterable[bytes]) -> None:
    count = sum(1 for _ in found)
    if count:
        traces.found[place] += count


def _texts_of(storage: Storage, path: str) -> Iterator[memoryview]:
    """What the columns of a Parquet file hold, as it stands in memory; of another file all."""
    content = storage.read(path)
    if not path.endswith(".parquet"):
        yield memoryview(content)
        return
    table = pq.read_table(pa.BufferReader(content))
    for column in table.itercolumns():
        for chunk in column.chunks:
            for buffer in chunk.buffers():
                if buffer is not None:
                    yield memoryview(buffer)


def _plain_files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        if Path(folder) == root:
            folders[:] = sorted(set(folders) - {*_SEALED, *_NOT_READ})
        for name in sorted(names):
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink():
                yield file


def _in_file(file: Path, sought: Sought) -> Iterator[bytes]:
    rest = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield from sought.in_text(rest + chunk)
            rest = (rest + chunk)[-_LONGEST:]


class _Reading:
    """Takes a table as COPY writes it, and keeps what is found in it."""

    def __init__(self, sought: Sought) -> None:
        self.found: list[bytes] = []
        self._sought = sought
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, line: bytes) -> None:
        """Take a line."""
        self._waiting.append(line)
        self._size += len(line)
        if self._size > _CHUNK:
            self.look()

    def look(self) -> None:
        """Look through what has come."""
        self.found += self._sought.in_text(b"".join(self._waiting))
        self._waiting, self._size = [], 0


def _in_table(cursor: Cursor, name: str, sought: Sought) -> list[bytes]:
    reading = _Reading(sought)
    cursor.copy_expert(sql.SQL("copy {} to stdout").format(_identifier(name)), reading)
    reading.look()
    return reading.found


def _tables(cursor: Cursor) -> list[str]:
    cursor.execute(_TABLES)
    return [f"{schema}.{name}" for schema, name in cursor.fetchall()]


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(*name.split(".", 1))


def _blank(cursor: Cursor, table: str, needle: str) -> int:
    cursor.execute(_TEXTS, (table,))
    changed = 0
    for (column,) in cursor.fetchall():
        cursor.execute(
            sql.SQL(
                "update {table} set {column} = replace({column}, %(needle)s, 'erased') "
                "where strpos({column}, %(needle)s) > 0"
            ).format(table=_identifier(table), column=sql.Identifier(column)),
            {"needle": needle},
        )
        changed += cursor.rowcount
    return changed
