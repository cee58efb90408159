"""What PostgreSQL has for each customer: a database and a login of its own; and one for Dagster.

An administrator's connection makes them, once. From then on each login comes into its own database
and no other: `connect` is nobody else's, so that PostgreSQL itself keeps customers apart, whatever
roles of readers they share (`privacy/roles/`). Keep out tables and files.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import extensions, sql

from vtj_pipeline.customers.folder import DAGSTER_URL, require_name
from vtj_pipeline.errors import DatabaseRefused, SettingsError
from vtj_pipeline.privacy.key_files import make_once
from vtj_pipeline.privacy.roles import plan_roles
from vtj_pipeline.privacy.roles.apply import carry_out

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database

# Apart from the groups of readers, whose names begin with vtj_ as well.
PREFIX = "vtj_customer_"
DAGSTER = "vtj_dagster"
RESTORE_CHECK = "_restore_check"
_ATTRIBUTES = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls"


@dataclass(frozen=True)
class Made:
    """A database with its login.

    Attributes:
        url: The file with its address, which has the password.
        said: What was made just now, in a few words each.
    """

    url: Path
    said: list[str]


def make_customer_database(admin: Database, folder: Path, name: str) -> Made:
    """A customer's database, the one of its restore checks, and the login that owns both.

    Raises:
        SettingsError: a customer cannot be called so, or the login is there and its address is not.
        DatabaseRefused: the administrator's login may not make databases or roles.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    require_name(name)
    login = PREFIX + name
    url = folder.absolute() / name / "postgres.url"
    return _make(admin, url, login, (login, login + RESTORE_CHECK))


def make_dagster_database(admin: Database, folder: Path) -> Made:
    """The database of the Dagster that all customers share, with a login that has nothing else.

    Raises:
        SettingsError: the login is there and its address is not.
        DatabaseRefused: the administrator's login may not make databases or roles.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    return _make(admin, folder.absolute() / DAGSTER_URL, DAGSTER, (DAGSTER,))


def let_roles_be_given(admin: Database, database: Database) -> int:
    """Make the groups of readers, and let a customer's login give them; statements done.

    Args:
        admin: The administrator, in any database of the server.
        database: The customer's, as its own login.

    Raises:
        DatabaseRefused: the administrator may not.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    wanted = [one for one in plan_roles(database, by_administrator=True) if one.is_of_cluster]
    inside = admin.beside(_database_of(database))
    with closing(inside.connect()) as connection, connection, connection.cursor() as cursor:
        return len(carry_out(cursor, wanted))


def _make(admin: Database, url: Path, login: str, names: tuple[str, ...]) -> Made:
    said = []
    with _administrator(admin) as cursor:
        cursor.execute("select rolname from pg_roles where rolname = %s", (login,))
        is_there = cursor.fetchone() is not None
        if is_there and not url.is_file():
            msg = (
                f"PostgreSQL has the login {login}, and {url}, which holds its address and "
                "password, is not there. Restore that file, or have the administrator drop the "
                "login and what it owns if nothing of it is needed."
            )
            raise SettingsError(msg)
        if not url.is_file():
            make_once(url, _address(admin, login, names[0]))
        if not is_there:
            # The file first: a login whose password nobody knows would be of no use.
            statement = f"create role {{}} login {_ATTRIBUTES} password %s"
            cursor.execute(
                sql.SQL(statement).format(sql.Identifier(login)), (_hashed(cursor, url, login),)
            )
            said.append(f"login {login}, its address and password: {url}")
        for name in names:
            said += _make_database(cursor, name, login)
    return Made(url, said)


def _make_database(cursor: Cursor, name: str, owner: str) -> Iterator[str]:
    cursor.execute("select 1 from pg_database where datname = %s", (name,))
    database, login = sql.Identifier(name), sql.Identifier(owner)
    if cursor.fetchone() is None:
        # To make a database for a role, who is no superuser must be a member of it.
        _become_member(cursor, owner)
        cursor.execute(sql.SQL("create database {} owner {}").format(database, login))
        yield f"database {name}"
    # Else everybody's: what keeps one customer's logins out of another's database.
    cursor.execute(sql.SQL("revoke all on database {} from public").format(database))


def _become_member(cursor: Cursor, owner: str) -> None:
    cursor.execute(
        "select rolsuper, quote_ident(rolname) from pg_roles where rolname = current_user"
    )
    is_super, own = cursor.fetchone() or (False, "")
    if not is_super:
        statement = sql.SQL("grant {} to {}").format(sql.Identifier(owner), sql.SQL(own))
        cursor.execute(statement)


@contextmanager
def _administrator(admin: Database) -> Iterator[Cursor]:
    """Databases are made outside transactions."""
    with closing(admin.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            try:
                yield cursor
            except psycopg2.errors.InsufficientPrivilege as error:
                said = error.diag.message_primary
                msg = (
                    f"PostgreSQL refused ({said}). Let VTJ_ADMIN_URL name a login that may make "
                    "databases and roles (createdb createrole), or a superuser. Start the same "
                    "again: what was made is kept."
                )
                raise DatabaseRefused(msg) from None


def _hashed(cursor: Cursor, url: Path, login: str) -> str:
    """The password in a login's address, as PostgreSQL keeps it: its log may have the statement."""
    password = urlsplit(url.read_text("utf-8").strip()).password or ""
    return str(extensions.encrypt_password(password, login, cursor.connection, "scram-sha-256"))


def _address(admin: Database, login: str, name: str) -> str:
    """The administrator's address, with another login, a new password and another database."""
    parts = urlsplit(admin.beside(name).url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(login)}:{secrets.token_urlsafe(32)}@{host}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def _database_of(database: Database) -> str:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("select current_database()::text")
        (name,) = cursor.fetchone() or ("",)
    return str(name)
