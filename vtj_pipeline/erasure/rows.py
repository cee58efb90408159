"""The rows of erased persons, out of every table that has rows of persons.

Which these are is told by the names of columns, so that a new table is not forgotten. What landing
tells is taken out of landing (`landed.py`) and not brought back by the next publication. Keep out
texts (`traces.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2.errors
from psycopg2 import sql

from vtj_pipeline.errors import RegisterBusy
from vtj_pipeline.register.publish import WRITER_LOCK

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database

SCHEMAS = ("register", "ledger", "timeline")
_OWN = ("person_id", "alias_id", "subject_id", "code_id")
"""Columns by which a row is a person's own."""
_NAMING = ("related_person_id",)
"""Columns by which a row of another person names one."""
_LIST = "being_erased"
_COLUMNS = (
    "select c.table_schema, c.table_name, c.column_name from information_schema.columns as c "
    "inner join information_schema.tables as t using (table_schema, table_name) "
    "where t.table_type = 'BASE TABLE' and c.data_type = 'uuid' and c.table_name <> %(list)s "
    "and c.table_schema = any(%(schemas)s) and c.column_name = any(%(columns)s) order by 1, 2, 3"
)
_DELETE = "delete from {table} where {column} in (select person_id from ledger.being_erased)"
_UNNAME = (
    "update {table} set {column} = null "
    "where {column} in (select person_id from ledger.being_erased)"
)
# What stands of files that were rewritten is made anew.
_TO_BE_MADE_ANEW = (
    "delete from register.quarantine where batch_id in "
    "(select batch_id from ledger.landing_batch where erasure_id = %(erasure)s)",
    "delete from register.applied_batch where batch_id in "
    "(select batch_id from ledger.landing_batch where erasure_id = %(erasure)s)",
)
# The remark says what the tables of the views were made of: without one they are made anew.
_VIEWS = (
    "do $$ begin if to_regnamespace('timeline') is not null then "
    "comment on schema timeline is 'Persons were erased: to be made anew.'; end if; end $$"
)


def clear_rows(database: Database, erasure_id: int) -> dict[str, int]:
    """Delete their rows, in one transaction; returns the rows of each table.

    The batches that they were taken out of count as not published, and the views' own tables as not
    made.

    Raises:
        RegisterBusy: another run is publishing.
    """
    with closing(database.connect()) as connection:
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '60s'")
                cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", (WRITER_LOCK,))
                deleted = _delete(cursor)
                for statement in (*_TO_BE_MADE_ANEW, _VIEWS):
                    cursor.execute(statement, {"erasure": erasure_id})
        except psycopg2.errors.LockNotAvailable:
            msg = (
                "Persons were to be erased from the register, and another run is writing it or the "
                "views. Wait for that run to end and start the same again: it goes on from here."
            )
            raise RegisterBusy(msg) from None
    _use_room_again(database, deleted)
    return deleted


def _use_room_again(database: Database, tables: Iterable[str]) -> None:
    """Let the server write over deleted rows, which its files hold until then."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for name in tables:
            cursor.execute(sql.SQL("vacuum {}").format(sql.Identifier(*name.split("."))))


def _delete(cursor: Cursor) -> dict[str, int]:
    deleted: dict[str, int] = {}
    for table, column in _columns(cursor, _NAMING):
        cursor.execute(sql.SQL(_UNNAME).format(table=table, column=column))
    for table, column in _columns(cursor, _OWN):
        cursor.execute(sql.SQL(_DELETE).format(table=table, column=column))
        if cursor.rowcount:
            name = ".".join(table.strings)
            deleted[name] = deleted.get(name, 0) + cursor.rowcount
    return deleted


def _columns(cursor: Cursor, names: tuple[str, ...]) -> list[tuple[sql.Identifier, sql.Identifier]]:
    cursor.execute(_COLUMNS, {"schemas": list(SCHEMAS), "columns": list(names), "list": _LIST})
    return [
        (sql.Identifier(schema, table), sql.Identifier(column))
        for schema, table, column in cursor.fetchall()
    ]
