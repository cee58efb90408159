"""A database beside the one that is worked with, for something that is thrown away afterwards.

Keep out what is put into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg2.errors

from vtj_pipeline.errors import DatabaseRefused, RegisterBusy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vtj_pipeline.postgres.database import Cursor, Database

_LONGEST_NAME = 63
_MAY_CREATE = (
    "select rolcreatedb or rolsuper, current_database() from pg_roles where rolname = user"
)
_ALONE = "select pg_try_advisory_lock(hashtext('vtj.scratch'), hashtext(%s))"


@contextmanager
def scratch_database(
    database: Database, purpose: str, schemas: Sequence[str]
) -> Iterator[Database]:
    """An empty database named `<this one's>_<purpose>`, gone again at the end.

    One that a process which was killed left behind is cleared first. A user who may not create
    databases needs one of that name, made by somebody else: it is emptied and stays.

    Args:
        database: Beside which.
        purpose: What for, as a part of a name.
        schemas: What is made in it.

    Raises:
        DatabaseRefused: it is not there and may not be created.
        RegisterBusy: another process is using it.
    """
    with closing(database.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(_MAY_CREATE)
            may_create, own_name = cursor.fetchone() or (False, "")
            name = f"{own_name[: _LONGEST_NAME - len(purpose) - 1]}_{purpose}"
            # Held as long as this process lives, however it ends.
            cursor.execute(_ALONE, (name,))
            if cursor.fetchone() != (True,):
                msg = f"Database {name} is in use by another run. Wait for it to end."
                raise RegisterBusy(msg)
            scratch = database.beside(name)
            if may_create:
                with _created(cursor, name):
                    yield scratch
            else:
                with _emptied(cursor, scratch, name, schemas):
                    yield scratch


@contextmanager
def _created(cursor: Cursor, name: str) -> Iterator[None]:
    drop = f'drop database if exists "{name}" with (force)'
    cursor.execute(drop)
    cursor.execute(
        f"create database \"{name}\" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'"
    )
    try:
        yield
    finally:
        cursor.execute(drop)


@contextmanager
def _emptied(
    cursor: Cursor, scratch: Database, name: str, schemas: Sequence[str]
) -> Iterator[None]:
    cursor.execute("select exists (select from pg_database where datname = %s)", (name,))
    if cursor.fetchone() != (True,):
        msg = (
            f"A database {name} was to be made beside this one, and the user may not create any. "
            f"Let an administrator do so once: create database {name} owner <the user of "
            "VTJ_POSTGRES_URL>; it is emptied before and after use."
        )
        raise DatabaseRefused(msg)
    _drop(scratch, schemas)
    try:
        yield
    finally:
        _drop(scratch, schemas)


def _drop(scratch: Database, schemas: Sequence[str]) -> None:
    with closing(scratch.connect()) as connection, connection, connection.cursor() as cursor:
        try:
            cursor.execute(f"drop schema if exists {', '.join(schemas)} cascade")
        except psycopg2.errors.InsufficientPrivilege:
            msg = (
                f"Schemas {', '.join(schemas)} of the scratch database were to be dropped, and "
                "the user of VTJ_POSTGRES_URL does not own them. Give that user the database."
            )
            raise DatabaseRefused(msg) from None
