"""A reader's session on the database: statements as a person writes them, results as tables.

Add what the session sets or how a result is read. Keep out terminals (`sql.py`).
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg2
import pyarrow as pa
from psycopg2 import extensions
from sqlglot import TokenType
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import TokenError

from vtj_pipeline.errors import PermanentError

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Connection, Cursor, Database

# The readers' schemas come first: of tables that share a name the view is meant.
SEARCH_PATH = (
    "municipality",
    "wellbeing_area",
    "statistics",
    "quality",
    "analyst",
    "reference",
    "register",
    "public",
)
READING = f"-c search_path={','.join(SEARCH_PATH)} -c default_transaction_read_only=on"

# What Arrow knows as well as PostgreSQL does; all else is shown as PostgreSQL writes it, so that
# no date is too far, no number rounded and no type unknown.
_ARROW = {
    16: pa.bool_(),
    **dict.fromkeys((20, 21, 23, 26), pa.int64()),
    **dict.fromkeys((700, 701), pa.float64()),
}
_AS_WRITTEN = extensions.new_type(
    tuple(oid for oid in extensions.string_types if oid not in _ARROW),
    "AS_WRITTEN",
    lambda value, _: value,
)
_NO_COPY = "COPY was asked for, and only psql can do it. Ask with --format csv instead."


class Session:
    """One connection that keeps what it is told to `set`; make it with `reading`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stopped = False

    def ask(self, statements: str) -> pa.Table | None:
        """The result of the last of some statements; None where it has none.

        Raises:
            PermanentError: PostgreSQL refuses one; the message is one line of PostgreSQL's.
            DatabaseUnavailable: the server is gone.
            KeyboardInterrupt: it came while PostgreSQL worked, which has stopped. The session
                stands.
        """
        # The driver would end the connection over it, since it cannot wait for the data.
        if statements.lower().split(None, 1)[:1] == ["copy"]:
            raise PermanentError(_NO_COPY)
        self._stopped = False
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(statements)
                return _table(cursor)
            except psycopg2.Error as error:
                if self._stopped and isinstance(error, extensions.QueryCanceledError):
                    raise KeyboardInterrupt from None
                raise PermanentError(_line(error)) from None

    def notices(self) -> list[str]:
        """What PostgreSQL remarked since this was last asked."""
        said = [notice.strip() for notice in self._connection.notices]
        self._connection.notices.clear()
        return said

    def wait(self, connection: Connection) -> None:
        """Wait for PostgreSQL; an interrupt cancels the statement, and its end is waited for.

        psycopg2 calls it. An exception here would cost the connection.
        """
        while True:
            try:
                match connection.poll():
                    case extensions.POLL_OK:
                        return
                    case extensions.POLL_READ:
                        select.select([connection.fileno()], [], [])
                    case _:
                        select.select([], [connection.fileno()], [])
            except KeyboardInterrupt:
                self._stopped = True
                connection.cancel()


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """Open a session that reads, unless it is told otherwise, and that an interrupt leaves whole.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    connection = database.connect(READING)
    connection.autocommit = True
    extensions.register_type(_AS_WRITTEN, connection)
    session = Session(connection)
    before = extensions.get_wait_callback()
    extensions.set_wait_callback(session.wait)
    try:
        yield session
    finally:
        extensions.set_wait_callback(before)
        connection.close()


def split(text: str) -> tuple[list[str], str]:
    """The statements of a text that are whole, and the rest, which its `;` is still missing of.

    A `;` inside a literal, a quoted name, a body between dollars or a comment ends nothing.
    """
    try:
        tokens = Postgres().tokenize(text)
    except TokenError:  # a quotation or comment that goes on
        return [], text
    whole, start, is_empty = [], 0, True
    for token in tokens:
        if token.token_type is not TokenType.SEMICOLON:
            is_empty = False
            continue
        if not is_empty:
            whole.append(text[start : token.start].strip())
        start, is_empty = token.end + 1, True
    return whole, "" if is_empty else text[start:].lstrip()


def _table(cursor: Cursor) -> pa.Table | None:
    if cursor.description is None:
        return None
    kinds = [_ARROW.get(column.type_code, pa.string()) for column in cursor.description]
    values = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(kinds)
    arrays = [pa.array(each, kind) for each, kind in zip(values, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in cursor.description])


def _line(error: psycopg2.Error) -> str:
    """One line of what PostgreSQL said; the driver quotes the statement on others."""
    said = error.diag.message_primary or (str(error).splitlines() or ["no reason was given"])[0]
    hint = error.diag.message_hint
    whole = f"The query was not answered: {said}" + (f". {hint}" if hint else "")
    return " ".join(whole.split())
