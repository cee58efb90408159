"""A deployment of several customers on a PostgreSQL that asks every login for its password."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import pytest

from vtj_pipeline.cli import cli
from vtj_pipeline.customers import Customer, read_customer
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy.roles import Wanted, give_role
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.servers import embedded_server

NAMES = ("aura", "kuopio", "turku")
READERS_PASSWORD = "only-for-tests"


@dataclass(frozen=True)
class Place:
    """The deployment.

    Attributes:
        home: Its own VTJ_HOME.
        admin: PostgreSQL's administrator.
    """

    home: Path
    admin: Database

    @property
    def folder(self) -> Path:
        """The customers' settings files."""
        return self.home / "customers"

    @property
    def environment(self) -> dict[str, str]:
        """Of the processes that all share."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VTJ_", "DAGSTER_", "PG"))}
        return {**kept, "VTJ_HOME": str(self.home)}

    def customer(self, name: str) -> Customer:
        return read_customer(self.folder, name)

    def url(self, name: str) -> str:
        """A customer's own address of its database."""
        return (self.folder / name / "postgres.url").read_text("utf-8")

    def do(self, *arguments: str, **more: str) -> None:
        """A command in the environment of the whole deployment."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [one for one in os.environ if one.startswith("VTJ_")]:
                patch.delenv(name)
            for name, value in {"VTJ_HOME": str(self.home), **more}.items():
                patch.setenv(name, value)
            cli.main(args=list(arguments), standalone_mode=False)

    def add(self, name: str) -> None:
        """Add a customer, and a person who reads there."""
        self.do("customers", "add", name, VTJ_ADMIN_URL=self.admin.url)

    def give(self, customer: str, login: str, role: str) -> None:
        """Make a login, if it is not there, and give it a role as the customer's program does."""
        with psycopg2.connect(self.admin.url) as connection, connection.cursor() as cursor:
            cursor.execute("select 1 from pg_roles where rolname = %s", (login,))
            if cursor.fetchone() is None:
                cursor.execute(f"create role {login} login password '{READERS_PASSWORD}'")
        connection.close()
        wanted = Wanted(login, role, ("all",) if role != "operator" else ())
        from datetime import UTC, datetime

        give_role(Database(self.url(customer)), wanted, by="tests", now=datetime.now(UTC))


def as_login(url: str, login: str, password: str, database: str) -> str:
    """An address as another login, of another database."""
    parts = urlsplit(url)
    netloc = f"{quote(login)}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))


@contextmanager
def running_place() -> Iterator[Place]:
    """A deployment with nobody in it yet."""
    home = new_home()
    with embedded_server() as server:
        _ask_for_passwords(server)
        home.mkdir(mode=0o700)
        try:
            yield Place(home, Database(server))
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _ask_for_passwords(server: str) -> None:
    """Only the administrator comes in without one."""
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        cursor.execute("show hba_file")
        [(file,)] = cursor.fetchall()
        Path(file).write_text(
            "local all postgres trust\nlocal all all scram-sha-256\n"
            "host all all 127.0.0.1/32 scram-sha-256\n"
        )
        cursor.execute("select pg_reload_conf()")
    connection.close()
