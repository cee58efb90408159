"""The rows that peers are given: files of Parquet, one a table, in a folder for each load.

Keep out what peers do with them.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.register.ddl import value_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vtj_pipeline.catalogue import Table
    from vtj_pipeline.postgres import Database

KEY, PERSON, UPDATED, HASH = "row_key", "person_id", "updated_at", "row_hash"
_BATCH_ROWS = 100_000
# What a row is called by that goes on through its changes: the person's first, second … row of a
# group with one beginning.
_STANDING = """
select
    md5(concat_ws('/', '{table}', r.person_id, r.source_group, r.valid_from, row_number() over (
        partition by r.person_id, r.source_group, r.valid_from order by {order}
    ))) as row_key,
    r.person_id::text as person_id,
    {columns},
    r.recorded_from as updated_at,
    md5(concat_ws('/', r.person_id, r.source_group, {values})) as row_hash
from (
    select *{no_validity} from register.{table} where {standing}
) as r
"""
_TOUCHED = (
    "person_id in (select person_id from register.touched_person where publication_id = "
    "(select max(publication_id) from register.touched_person))"
)


@dataclass(frozen=True)
class Load:
    """Rows to be taken in at one time.

    Attributes:
        folder: A file of Parquet for each table: `KEY`, `PERSON`, values, `UPDATED`, `HASH`.
        tables: Their names.
        persons: Whose rows these are; what stood of them and is not here, is gone. None: everyone.
        at: The source's latest moment in these rows.
    """

    folder: Path
    tables: tuple[str, ...]
    persons: tuple[str, ...] | None
    at: datetime

    def read(self, table: str) -> pa.Table:
        """The rows of a table."""
        return pq.read_table(self.folder / f"{table}.parquet")

    @property
    def rows(self) -> int:
        """How many there are, of all tables."""
        files = (self.folder / f"{table}.parquet" for table in self.tables)
        return sum(pq.read_metadata(file).num_rows for file in files)


def before_and_after(
    database: Database, folder: Path, tables: Sequence[str], began: datetime, ended: datetime
) -> tuple[Load, Load]:
    """Everyone's rows before the register's last day, and after it those of whom it touched.

    Args:
        database: Whose register.
        folder: For the files.
        tables: Which.
        began: When the day began.
        ended: And ended.
    """
    then = f"recorded_from < '{began}' and (recorded_to is null or recorded_to >= '{began}')"
    now = f"recorded_to is null and {_TOUCHED}"
    # To find out whom a day touched is spared the peers.
    persons = _persons(database)
    for name, standing in (("before", then), ("after", now)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for table in tables:
            _write(database, CATALOGUE.tables[table], standing, folder / name / f"{table}.parquet")
    return (
        Load(folder / "before", tuple(tables), None, began),
        Load(folder / "after", tuple(tables), persons, ended),
    )


def _persons(database: Database) -> tuple[str, ...]:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"select person_id::text from register.touched_person where {_TOUCHED}")
        return tuple(person for (person,) in cursor.fetchall())


def _write(database: Database, table: Table, standing: str, file: Path) -> None:
    names = [column.name for column in value_columns(table)]
    no_validity = "" if table.has_validity else ", null::date as valid_from"
    query = _STANDING.format(
        table=table.name,
        order=", ".join(f"r.{name}::text" for name in names),
        columns=", ".join(f"r.{c.name}{_cast(c.type)}" for c in value_columns(table)),
        values=", ".join(f"coalesce(r.{name}::text, '')" for name in names),
        no_validity=no_validity,
        standing=standing,
    )
    with closing(database.adbc()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        reader = cursor.fetch_record_batch()
        with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)


def _cast(kind: str) -> str:
    return "::text" if kind == "jsonb" else ""


def by_person(rows: pa.Table) -> dict[str, list[dict[str, object]]]:
    """Rows by person."""
    found: dict[str, list[dict[str, object]]] = {}
    for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
        for row in batch.to_pylist():
            found.setdefault(row[PERSON], []).append(row)
    return found
