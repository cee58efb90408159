"""What PostgreSQL says of one moment: the publication, whether the views show it, and their rows.

All of it is read from one snapshot, so that what is written is of one publication and no other.
Keep out files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from psycopg2 import sql

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.postgres import adbc_answers
from vtj_pipeline.privacy.masked_views import ask_views
from vtj_pipeline.register_files.contents import CONTENTS, SCHEMAS, TYPES
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.register_files.contents import Content

    Rows = Callable[[Content], "pa.RecordBatchReader"]

_MADE_OF = re.compile(r"Made by rules (\S+) of a register that began with (.*)\.")
_HAS_VIEWS = (
    "select to_regclass('timeline.person_period') is not null "
    "and to_regclass('timeline.pseudonym') is not null"
)


@dataclass(frozen=True)
class Published:
    """What stands at the moment of the snapshot.

    Attributes:
        publication: The newest publication's number.
        published_at: When it was published.
        valid_at: The day of that in Finland.
        rules: The fingerprint of the fold's rules that it was made by.
        views: What made the views and the pseudonyms; None: they are not made of this register.
        has_followed: Whether the views show that very publication.
        is_being_erased: Whether somebody is being erased who may still be in the views.
    """

    publication: int
    published_at: datetime
    valid_at: date
    rules: str
    views: str | None
    has_followed: bool
    is_being_erased: bool


@dataclass(frozen=True)
class Guarded:
    """Whose place nobody may learn now.

    Attributes:
        pseudonyms: Theirs.
        telling: View → persons of whom it tells a place all the same; empty if all is well.
    """

    pseudonyms: list[str]
    telling: dict[str, int]


@contextmanager
def snapshot(database: Database) -> Iterator[Cursor]:
    """A transaction that sees one moment; what it makes for itself is gone with it."""
    with closing(database.connect()) as connection:
        connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cursor:
            yield cursor
        connection.rollback()


def published(cursor: Cursor) -> Published | None:
    """What stands; None: nothing has been published."""
    cursor.execute(statement("published.sql"))
    row = cursor.fetchone()
    if row is None:
        return None
    number, at, day, rules, made_of, began, is_being_erased = row
    made = _MADE_OF.fullmatch(made_of or "")
    views, has_followed = None, False
    cursor.execute(_HAS_VIEWS)
    (has_views,) = cursor.fetchone() or (False,)
    if has_views and made is not None and made[2] == began:
        cursor.execute(statement("followed.sql"))
        has_followed, made_with = cursor.fetchone() or (False, None)
        views = f"{made[1]}-{made_with or 'nobody'}"
    return Published(number, at, day, rules, views, has_followed, is_being_erased)


def known(cursor: Cursor, numbers: Sequence[int]) -> dict[int, datetime]:
    """Of some publications those that this register has, and when they were published."""
    cursor.execute(statement("known.sql"), (list(numbers),))
    return dict(cursor.fetchall())


def guarded(cursor: Cursor) -> Guarded:
    """Of whom no file may tell a place; the views that are written are asked whether they do.

    Raises:
        ViewsError: PostgreSQL refuses a view.
    """
    found = ask_views(cursor, SCHEMAS)
    cursor.execute(statement("guarded_pseudonyms.sql"))
    return Guarded([pseudonym for (pseudonym,) in cursor.fetchall()], found.telling)


def columns_of(cursor: Cursor) -> dict[str, dict[str, str]]:
    """View → column → type, of everything that stands in the schemas of the contents."""
    cursor.execute(statement("columns.sql"), (list(SCHEMAS),))
    found: dict[str, dict[str, str]] = {}
    for view, column, kind in cursor.fetchall():
        found.setdefault(view, {})[column] = kind
    return found


def left_out(columns: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """What stands in these schemas and is not listed, as `schema.view` or `schema.view.column`."""
    listed = {one.table: set(one.columns) for one in CONTENTS}
    views = [view for view in columns if view not in listed]
    more = [
        f"{view}.{column}"
        for view, names in columns.items()
        if view in listed
        for column in names
        if column not in listed[view]
    ]
    return tuple(sorted([*views, *more]))


@contextmanager
def rows_of(database: Database, cursor: Cursor, valid_at: date) -> Iterator[Rows]:
    """How the rows of each content are read, in order and a batch at a time.

    Args:
        database: The same as the cursor's.
        cursor: Of the snapshot, whose moment is read.
        valid_at: The day that the views answer for.

    Raises:
        ViewsError: the views are not those of the contents.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    columns = columns_of(cursor)
    cursor.execute("select pg_export_snapshot()")
    (name,) = cursor.fetchone() or ("",)
    with adbc_answers(), database.adbc() as connection, connection.cursor() as reading:
        reading.execute("set transaction isolation level repeatable read, read only")
        reading.execute(
            sql.SQL("set transaction snapshot {}").format(sql.Literal(name)).as_string(cursor)
        )
        for setting, value in (("valid_at", f"{valid_at}"), ("recorded_at", "")):
            reading.execute(f"set local vtj.{setting} = '{value}'")

        def read(content: Content) -> pa.RecordBatchReader:
            reading.execute(_query(content, columns.get(content.table, {})))
            return reading.fetch_record_batch()

        yield read
        connection.rollback()


def _query(content: Content, columns: dict[str, str]) -> str:
    kinds = {name: TYPES.get(columns.get(name, "")) for name in content.columns}
    wrong = [name for name, kind in kinds.items() if kind is None]
    if wrong:
        msg = (
            f"{content.table} was to be written as files, and these of its columns are not there, "
            f"or of a type that files do not hold: {', '.join(wrong)}. Build the views "
            "(vtj-pipeline run views); if it fails again, report it with this version."
        )
        raise ViewsError(msg)
    return statement(
        "rows.sql",
        view=content.table,
        columns=list(kinds.items()),
        order=[(name, kinds[name]) for name in content.order],
    )


def statement(name: str, **values: object) -> str:
    """The statement in `sql/<name>` with these values filled in."""
    return template_files("vtj_pipeline.register_files", "sql").get_template(name).render(**values)
