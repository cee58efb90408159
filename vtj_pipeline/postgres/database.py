"""How to reach one PostgreSQL database, in the forms that its users need.

Add another form here when another library needs one. Keep out SQL and server processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as adbc
import psycopg2
from psycopg2.extensions import parse_dsn

from vtj_pipeline.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection as AdbcConnection
    from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812  # it is a class

DAGSTER_SCHEMA = "dagster"


@dataclass(frozen=True)
class Database:
    """One PostgreSQL database.

    Attributes:
        url: A `postgresql://` address that libpq understands; it may hold a password and so
            never shows in the `repr`.
    """

    url: str = field(repr=False)

    def connect(self) -> PsycopgConnection:
        """Open a psycopg2 connection whose session speaks UTC.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer; the message names host and database.
        """
        try:
            connection: PsycopgConnection = psycopg2.connect(
                self.url, options=self._options("-c TimeZone=UTC")
            )
        except psycopg2.OperationalError as error:
            raise DatabaseUnavailable(self._unreachable()) from error
        return connection

    def adbc(self) -> AdbcConnection:
        """Open an ADBC connection, for Arrow in and out.

        Raises:
            DatabaseUnavailable: PostgreSQL does not answer.
        """
        try:
            connection: AdbcConnection = adbc.connect(self.url)
        except adbc.Error as error:
            raise DatabaseUnavailable(self._unreachable()) from error
        return connection

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

    def dbt_environment(self) -> dict[str, str]:
        """The environment variables that `dbt/profiles.yml` reads."""
        parts = parse_dsn(self.url)
        return {
            "VTJ_DBT_HOST": unquote(parts.get("host", "localhost")),
            "VTJ_DBT_PORT": parts.get("port", "5432"),
            "VTJ_DBT_USER": parts.get("user", "postgres"),
            "VTJ_DBT_PASSWORD": parts.get("password", ""),
            "VTJ_DBT_NAME": parts.get("dbname", "postgres"),
        }

    def _options(self, more: str) -> str:
        given = parse_dsn(self.url).get("options", "")
        return f"{given} {more}".strip()

    def _unreachable(self) -> str:
        parts = parse_dsn(self.url)
        host, port = parts.get("host", "localhost"), parts.get("port", "5432")
        return (
            f"PostgreSQL was asked for database {parts.get('dbname', '')!r} at {host!r} port "
            f"{port} and did not let us in. Check that the server runs and that "
            "VTJ_POSTGRES_URL is right (user, password, database)."
        )
