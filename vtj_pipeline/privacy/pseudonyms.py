"""The analysts' pseudonyms: the table `timeline.pseudonym`, kept in step with the register.

Add how pseudonyms are kept. Keep out the key (`keys.py`) and the views that show them (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.postgres import adbc_answers
from vtj_pipeline.privacy.keys import AnalystKey, analyst_key

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

_BATCH = 65_536
# COPY's binary form of a uuid is its 16 bytes, as of any bytes: nothing is staged and cast.
_ROWS = pa.schema(
    [("person_id", pa.binary()), ("pseudonym", pa.binary()), ("key_fingerprint", pa.string())]
)
_GONE = (
    "with gone as (delete from timeline.pseudonym as p where not exists "
    "(select from register.person as r where r.person_id = p.person_id) returning 1) "
    "select count(*) from gone"
)
_OTHER_KEY = (
    "with other as (delete from timeline.pseudonym where key_fingerprint is distinct from $1 "
    "returning 1) select count(*) from other"
)
# In order, which is how an index grows fastest.
_WITHOUT = (
    "select uuid_send(r.person_id) as person_id from register.person as r where not exists "
    "(select from timeline.pseudonym as p where p.person_id = r.person_id) "
    "order by r.person_id"
)


@dataclass(frozen=True)
class Pseudonyms:
    """What was done.

    Attributes:
        added: Persons who got one for the first time.
        removed: Pseudonyms of persons who are not in the register any more.
        remade: Persons whose pseudonym was made with another key.
    """

    added: int = 0
    removed: int = 0
    remade: int = 0


def keep_pseudonyms(database: Database, settings: Settings) -> Pseudonyms:
    """Give every person of `register.person` a pseudonym, and nobody else, in one transaction.

    Pseudonyms that another key made are made anew, all of them. The key stays in this process:
    no statement and no row holds it.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    key = analyst_key(settings)
    _create(database)
    with adbc_answers(), database.adbc() as connection, connection.cursor() as cursor:
        # One writer; readers go on.
        cursor.execute("lock table timeline.pseudonym in share row exclusive mode")
        removed = _count(cursor, _GONE)
        remade = _count(cursor, _OTHER_KEY, key.fingerprint)
        made = _add(cursor, key)
        connection.commit()
    return Pseudonyms(made - remade, removed, remade)


def _create(database: Database) -> None:
    ddl = files("vtj_pipeline.privacy") / "sql" / "pseudonym.sql"
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(ddl.read_text("utf-8"))


def _count(cursor: Cursor, query: str, *values: str) -> int:
    cursor.execute(query, values or None)
    ((count,),) = cursor.fetchall()
    return int(count)


def _add(cursor: Cursor, key: AnalystKey) -> int:
    """Make the pseudonyms that are missing; returns how many."""
    cursor.execute(_WITHOUT)
    persons = cursor.fetch_arrow_table()["person_id"]
    if not len(persons):
        return 0
    rows = pa.RecordBatchReader.from_batches(_ROWS, _batches(persons, key))
    cursor.adbc_ingest("pseudonym", rows, mode="append", db_schema_name="timeline")
    # The planner has no other way to know a table that was filled a moment ago.
    cursor.execute("analyze timeline.pseudonym")
    return len(persons)


def _batches(persons: pa.ChunkedArray, key: AnalystKey) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(persons), _BATCH):
        some = persons.slice(start, _BATCH).combine_chunks()
        made = pa.array([key.pseudonym_of(one) for one in some.to_pylist()], pa.binary())
        by = pa.repeat(key.fingerprint, len(some))
        yield pa.record_batch([some, made, by], schema=_ROWS)
