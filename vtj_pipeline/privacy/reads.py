"""Who was shown rows of persons: what becomes of the record, and what else the server keeps.

The views write it themselves (`sql/audit.sql`, dbt/macros/limited_view.sql). Keep out who reads it.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from vtj_pipeline.postgres import Cursor, Database

_FORGET = """
delete from audit.read_access
where read_at < least(%s, clock_timestamp()) - interval '5 years'
"""
# Settings of a library that is not loaded are not listed, whatever somebody has set.
_PGAUDIT = "select name, setting from pg_settings where name in ('pgaudit.log', %s)"
_LOG_STATEMENT = "pgaudit.log_statement"
_READS = {"read", "all"}
_ALWAYS = (
    "What readers are shown is kept in audit.read_access and in the server's log, "
    "but not what the pipeline's own login or a superuser reads"
)


def forget_old_reads(database: Database, now: datetime) -> int:
    """Remove from the record what is older than five years; returns how many rows.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_FORGET, (now,))
        return int(cursor.rowcount)


def about_pgaudit(cursor: Cursor) -> str:
    """Whether the server has pgaudit, and what may be set there, in a sentence or two."""
    cursor.execute(_PGAUDIT, (_LOG_STATEMENT,))
    settings: dict[str, str] = dict(cursor.fetchall())
    cursor.execute("select quote_ident(current_database())")
    (name,) = cursor.fetchone() or ("",)
    return pgaudit_says(str(name), settings)


def pgaudit_says(database: str, settings: dict[str, str]) -> str:
    """The same.

    Args:
        database: Its name, as SQL takes it.
        settings: pgaudit's, by name; empty where it is not loaded.
    """
    if not settings:
        return f"{_ALWAYS}: pgaudit would log that, and is not loaded (shared_preload_libraries)."
    logged = {one.strip().lower() for one in settings.get("pgaudit.log", "").split(",")}
    wanted = []
    if not logged & _READS or "-read" in logged:
        wanted.append("pgaudit.log = 'read'")
    if settings.get(_LOG_STATEMENT, "on") != "off":
        wanted.append(f"{_LOG_STATEMENT} = off")
    if not wanted:
        return "pgaudit logs every read, without its text."
    statements = " ".join(f"alter database {database} set {one};" for one in wanted)
    return (
        f"{_ALWAYS}: pgaudit is loaded and logs it once a superuser has run: {statements} "
        "The text of a statement may hold names and codes, which must not get into a log."
    )
