"""Versions of the schemas that hold the program's own tables, and the way from one to the next.

A package that owns a schema has the statements that make it as it is now, for a database that has
none, and a folder `migrations` with `0001_….sql`, `0002_….sql`, … for one that has an earlier
version: forward only, each in one transaction. Add how versions are told or taken here. Keep out
every table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as installed_version
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg2.errors

from vtj_pipeline.errors import DatabaseTooNew, UpgradeBlocked

if TYPE_CHECKING:
    from vtj_pipeline.postgres.database import Connection, Cursor, Database

PROGRAM = "vtj-pipeline"
UNNUMBERED = 0
"""The version of a schema that was made before versions had numbers."""

# Asked of the table and not of to_regclass, which may not have heard yet of what another process
# has just made.
_TABLES = (
    "select c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
    "where n.nspname = %s and c.relkind in ('r', 'p')"
)
_LAST = "select version, program from {}.schema_version order by version desc limit 1"
_RECORD = "insert into {}.schema_version (version, name, program) values (%s, %s, %s)"


@dataclass(frozen=True)
class Migration:
    """What makes a schema of one version into one of the next.

    Attributes:
        version: The version that it leads to.
        name: What it is about, as its file says.
        statements: Done in one transaction, once.
    """

    version: int
    name: str
    statements: str


@dataclass(frozen=True)
class VersionedSchema:
    """A schema whose tables have versions; one of them is `schema_version`, which keeps them.

    Attributes:
        name: Of the schema in the database.
        package: Whose folder `migrations` has the way here.
        statements: What makes the newest version where there is no table yet.
    """

    name: str
    package: str
    statements: str

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """The way from a schema without a number to the newest version, in order."""
        folder = files(self.package) / "migrations"
        found = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=str)
        parts = [(one.name.removesuffix(".sql").partition("_"), one) for one in found]
        return tuple(
            Migration(int(number), name.replace("_", " "), one.read_text("utf-8"))
            for (number, _, name), one in parts
        )

    @property
    def newest(self) -> int:
        """The version that this program works with."""
        return self.migrations[-1].version


@dataclass(frozen=True)
class Upgrade:
    """What became of a schema: its version before, None where it was not there, and now."""

    schema: str
    before: int | None
    now: int


def upgrade(database: Database, schema: VersionedSchema) -> Upgrade:
    """Make a schema where it is not there, or bring it to the version that this program knows.

    Several processes may do so at once: one does the work, the others wait for it and find it done.

    Raises:
        DatabaseTooNew: a newer program has been here.
        UpgradeBlocked: somebody uses a table for too long; what was done so far stands.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with closing(database.connect()) as connection:
        with connection, connection.cursor() as cursor:
            before = now = _version(cursor, schema)
        while now != schema.newest:
            # A transaction each: what a later one meets undoes nothing.
            with changing_tables(connection, schema.name) as cursor:
                now = _step(cursor, schema)
    return Upgrade(schema.name, before, now)


@contextmanager
def changing_tables(connection: Connection, schema: str) -> Iterator[Cursor]:
    """A transaction in which nobody else changes the tables of a schema; waits for its turn.

    Raises:
        UpgradeBlocked: somebody's query or session holds a table for more than a minute.
    """
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"vtj.{schema}.ddl",))
            # Whoever waits for a table makes all others queue up behind, readers too.
            cursor.execute("set local lock_timeout = '60s'")
            yield cursor
    except psycopg2.errors.LockNotAvailable:
        msg = (
            f"The tables of the schema {schema} were to be upgraded, and somebody has been using "
            "one of them for more than a minute. End that query or session (pg_stat_activity "
            "shows it) and start the same again; nothing is lost."
        )
        raise UpgradeBlocked(msg) from None


def _step(cursor: Cursor, schema: VersionedSchema) -> int:
    """Do the next migration, or the whole where there is nothing; returns the version reached."""
    found = _version(cursor, schema)
    if found == schema.newest:
        return found
    if found is None:
        cursor.execute(schema.statements)
        done = schema.migrations[-1]
    else:
        done = next(one for one in schema.migrations if one.version > found)
        cursor.execute(done.statements)
    cursor.execute(
        _RECORD.format(schema.name), (done.version, done.name, installed_version(PROGRAM))
    )
    return done.version


def _version(cursor: Cursor, schema: VersionedSchema) -> int | None:
    """The version that stands; None if no table does."""
    cursor.execute(_TABLES, (schema.name,))
    tables = {name for (name,) in cursor.fetchall()}
    if "schema_version" in tables:
        cursor.execute(_LAST.format(schema.name))
        row = cursor.fetchone()
        if row is not None:
            return _known(schema, *row)
    return UNNUMBERED if tables else None


def _known(schema: VersionedSchema, version: int, program: str) -> int:
    if version > schema.newest:
        msg = (
            f"The database has version {version} of the schema {schema.name}, made by "
            f"{PROGRAM} {program}; this is {PROGRAM} {installed_version(PROGRAM)}, which knows "
            f"version {schema.newest} and would not understand it. Nothing was changed. Install "
            "that version or a later one; to stay with this one, restore the backup of the "
            "database that was taken before the upgrade."
        )
        raise DatabaseTooNew(msg)
    return version
