"""Whether tables of two databases hold the same rows; only counts of rows come out.

Each server makes a hash of every row, so that no value leaves it and little is moved. Keep out
which tables and why (`restore.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from vtj_pipeline.postgres import Connection

# What a row looks like as text depends on these.
SESSION = "-c DateStyle=ISO -c IntervalStyle=postgres -c bytea_output=hex -c extra_float_digits=1"
_COLUMNS = (
    "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
    "and not attisdropped order by attnum"
)
_HASHES = "copy (select md5(row({})::text) from {}) to stdout"
_READ = (
    "select h::uuid as h from read_csv('{}', columns = {{'h': 'varchar'}}, header = false, "
    "auto_detect = false)"
)


@dataclass(frozen=True)
class TableDifference:
    """How a table that stands and the same table made anew differ, in rows.

    Attributes:
        table: Its name.
        stands: Rows that stand.
        rebuilt: Rows made anew.
        missing: Rows made anew that do not stand.
        extra: Rows that stand and are not made anew.
    """

    table: str
    stands: int
    rebuilt: int
    missing: int
    extra: int

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return not (self.missing or self.extra)


@dataclass(frozen=True)
class Comparer:
    """Two databases, and an engine that compares their tables.

    Attributes:
        stands: Connection to the one that is judged.
        rebuilt: Connection to the one that it is held to.
        engine: DuckDB.
        folder: For its files.
    """

    stands: Connection
    rebuilt: Connection
    engine: duckdb.DuckDBPyConnection
    folder: Path

    def compare(self, table: str, without: Sequence[str] = ()) -> TableDifference:
        """Compare a table, by name of its columns.

        Args:
            table: With its schema.
            without: Columns that are not compared.
        """
        with self.rebuilt.cursor() as cursor:
            cursor.execute(_COLUMNS, (table,))
            columns = [name for (name,) in cursor.fetchall() if name not in without]
        sides = ((self.stands, "stands"), (self.rebuilt, "rebuilt"))
        stands, rebuilt = (self._hash(one, table, columns, name) for one, name in sides)
        missing = self._count("select h from rebuilt except all select h from stands")
        extra = self._count("select h from stands except all select h from rebuilt")
        return TableDifference(table.partition(".")[2], stands, rebuilt, missing, extra)

    def _hash(self, side: Connection, table: str, columns: Sequence[str], name: str) -> int:
        file = self.folder / name
        with file.open("w", encoding="ascii") as out, side.cursor() as cursor:
            cursor.copy_expert(_HASHES.format(", ".join(columns), table), out)
        self.engine.execute(f"create or replace temp table {name} as {_READ.format(file)}")
        file.unlink()
        return self._count(f"from {name}")

    def _count(self, query: str) -> int:
        row = self.engine.execute(f"select count(*) from ({query})").fetchone()
        assert row is not None
        return int(row[0])
