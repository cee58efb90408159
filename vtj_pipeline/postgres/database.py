"""How to reach one PostgreSQL database, in the forms that its users need.

Add another form here when another library needs one. Keep out SQL and server processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import psycopg2
from psycopg2 import extensions
from psycopg2.extensions import make_dsn, parse_dsn

from vtj_pipeline.errors import DatabaseNotTrusted, DatabaseUnavailable
from vtj_pipeline.postgres.transport import fault_said, on_our_terms

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection as AdbcConnection
    from pydantic import SecretStr

DAGSTER_SCHEMA = "dagster"
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_UTC = "-c TimeZone=UTC"
# psycopg2 names its classes like functions.
Connection = extensions.connection
Cursor = extensions.cursor
_GONE = (
    "PostgreSQL was at work and does not answer any more. What was committed is kept, the rest is "
    "undone: start the same again when the server runs."
)
_FULL = (
    "PostgreSQL was at work and has no room left (SQLSTATE {}): disk, memory or connections. What "
    "was committed is kept, the rest is undone: make room and start the same again."
)
# SQLSTATEs of a connection that broke, and of a server that shuts down.
_GONE_STATES = ("08", "57P")
_FULL_STATES = ("53",)
_UNANSWERED = (psycopg2.DatabaseError, psycopg2.OperationalError)


@dataclass(frozen=True)
class Database:
    """One PostgreSQL database.

    Attributes:
        url: A `postgresql://` address that libpq understands; it may hold a password and so
            never shows in the `repr`.
    """

    url: str = field(repr=False)

    @classmethod
    def of(cls, given: SecretStr) -> Database:
        """The database that `VTJ_POSTGRES_URL` names, on our terms (`transport.py`)."""
        return cls(on_our_terms(given.get_secret_value()))

    def connect(self, options: str = "") -> Connection:
        """Open a psycopg2 connection whose session speaks UTC.

        Args:
            options: More settings of the session, as `-c name=value`.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; the message names host and database.
                The connection itself raises it, too, once its server is gone.
            DatabaseNotTrusted: the server cannot show that it is the one that is meant.
        """
        try:
            connection: Connection = psycopg2.connect(
                self.url,
                options=self._options(f"{_UTC} {options}"),
                connection_factory=_Connection,
                cursor_factory=_Cursor,
            )
        except psycopg2.OperationalError as error:
            raise self._refused(error) from error
        return connection

    def adbc(self) -> AdbcConnection:
        """Open an ADBC connection, for Arrow in and out; work with it inside `adbc_answers`.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer.
        """
        adbc = _adbc()
        try:
            connection: AdbcConnection = adbc.connect(self.url)
        except adbc.Error as error:
            raise self._refused(error) from error
        return connection

    def beside(self, name: str) -> Database:
        """Another database of the same server, for the same user."""
        parts = urlsplit(self.url)
        kept = [(key, value) for key, value in parse_qsl(parts.query) if key != "dbname"]
        query = urlencode(kept, quote_via=quote)
        return Database(urlunsplit((parts.scheme, parts.netloc, f"/{quote(name)}", query, "")))

    def dagster_url(self) -> str:
        """The address of Dagster's storage: schema `dagster` of this database.

        The scheme names psycopg2, since SQLAlchemy 2.1 takes psycopg 3 for a bare `postgresql`.
        """
        parts = urlsplit(self.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        query["options"] = self._options(f"-csearch_path={DAGSTER_SCHEMA}")
        return urlunsplit(
            ("postgresql+psycopg2", parts.netloc, parts.path, urlencode(query, quote_via=quote), "")
        )

    def for_programs(self, options: str = "") -> tuple[str, dict[str, str]]:
        """The same session for a program on libpq: its argument, and its environment's addition.

        Secrets are kept out of the argument, which every user of the machine can read. Of an
        encrypted client key the program asks the password: libpq has no variable for it.
        """
        parts = parse_dsn(self.url)
        password = parts.pop("password", "")
        parts.pop("sslpassword", None)
        parts["options"] = self._options(f"{_UTC} {options}")
        return make_dsn(**parts), {"PGPASSWORD": password} if password else {}

    def dbt_environment(self) -> dict[str, str]:
        """The environment variables that `dbt/profiles.yml` reads."""
        parts = parse_dsn(self.url)
        return {
            "VTJ_DBT_HOST": unquote(parts.get("host", "localhost")),
            "VTJ_DBT_PORT": parts.get("port", "5432"),
            "VTJ_DBT_USER": parts.get("user", "postgres"),
            "VTJ_DBT_PASSWORD": parts.get("password", ""),
            "VTJ_DBT_NAME": parts.get("dbname", "postgres"),
            **{f"VTJ_DBT_{name.upper()}": parts.get(name, "") for name in _TLS},
        }

    def _options(self, more: str) -> str:
        given = parse_dsn(self.url).get("options", "")
        return f"{given} {more}".strip()

    def _refused(self, error: Exception) -> DatabaseUnavailable | DatabaseNotTrusted:
        said = fault_said(self.url, error)
        return DatabaseNotTrusted(said) if said else DatabaseUnavailable(self._unreachable())

    def _unreachable(self) -> str:
        parts = parse_dsn(self.url)
        host, port = parts.get("host", "localhost"), parts.get("port", "5432")
        return (
            f"PostgreSQL was asked for database {parts.get('dbname', '')!r} at {host!r} port "
            f"{port} and did not let us in. Check that the server runs and that "
            "VTJ_POSTGRES_URL is right (user, password, database)."
        )


def _adbc() -> Any:
    # It loads pandas, half a second that most processes have no use for.
    return import_module("adbc_driver_postgresql.dbapi")


@contextmanager
def adbc_answers() -> Iterator[None]:
    """Say in our words that the server behind an ADBC connection is gone or full; the rest passes.

    Raises:
        DatabaseUnavailable: it is. The driver's own error quotes the statement: it is left behind.
    """
    adbc = _adbc()
    try:
        yield
    except adbc.Error as error:
        state = error.sqlstate or ""
        message = _meaning(state)
        if message is None and not state and isinstance(error, adbc.OperationalError):
            message = _GONE
        if message is None:
            raise
    else:
        return
    # Named, since a context manager's exceptions are chained by themselves.
    raise DatabaseUnavailable(message) from None


@contextmanager
def _answers(connection: Connection) -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        # A statement that the server answered has an SQLSTATE; the driver's own kinds are others.
        unanswered = error.pgcode is None and type(error) in _UNANSWERED
        message = _GONE if connection.closed or unanswered else _meaning(error.pgcode or "")
        if message is None:
            raise
    else:
        return
    raise DatabaseUnavailable(message) from None


def _meaning(state: str) -> str | None:
    """What an SQLSTATE says about the server itself; None if it is about the statement."""
    if state.startswith(_GONE_STATES):
        return _GONE
    return _FULL.format(state) if state.startswith(_FULL_STATES) else None


class _Connection(Connection):
    """A connection that says in our words that its server is gone."""

    def commit(self) -> None:
        """Commit."""
        with _answers(self):
            super().commit()

    def rollback(self) -> None:
        """Roll back."""
        with _answers(self):
            super().rollback()

    def cursor(self, *given: Any, **more: Any) -> Any:
        """A cursor."""
        with _answers(self):
            return super().cursor(*given, **more)


class _Cursor(Cursor):
    """A cursor of such a connection."""

    def execute(self, *given: Any, **more: Any) -> None:
        """Do a statement."""
        with _answers(self.connection):
            super().execute(*given, **more)

    def executemany(self, *given: Any, **more: Any) -> None:
        """Do a statement with several values."""
        with _answers(self.connection):
            super().executemany(*given, **more)
