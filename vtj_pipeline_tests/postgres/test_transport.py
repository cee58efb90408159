"""TLS to PostgreSQL: the right certificate passes on every road, any other is refused."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from vtj_pipeline.errors import DatabaseNotTrusted
from vtj_pipeline.postgres import Database, is_here, is_verified
from vtj_pipeline.postgres.transport import on_our_terms
from vtj_pipeline_tests.certificates import Authority
from vtj_pipeline_tests.pins import ROOT
from vtj_pipeline_tests.servers import system_binaries, system_server

TLS = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
needs_server = pytest.mark.skipif(system_binaries() is None, reason="no PostgreSQL of the system")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[str]:
    """A server with a certificate for 127.0.0.1."""
    with system_server(authority.make("server", days=200)) as url:
        yield url


def reached(server: str, authority: Authority, **more: str) -> Database:
    given = {"sslmode": "verify-full", "sslrootcert": str(authority.file), **more}
    query = "&".join(f"{name}={value}" for name, value in given.items() if value)
    return Database.of(SecretStr(f"{server}?{query}"))


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://u:p@db.example:6543/d", "verify-full"),
        ("postgresql://u@db.example/d?connect_timeout=3", "verify-full"),
        ("postgresql://u@10.0.0.7/d", "verify-full"),
        ("postgresql://u@here.localhost.example/d", "verify-full"),
        ("postgresql://u@localhost,db.example/d", "verify-full"),
        ("postgresql://u@db.example/d?hostaddr=127.0.0.1", "verify-full"),
        ("postgresql://u@db.example/d?sslmode=require", "require"),
        ("postgresql://u@localhost/d", None),
        ("postgresql://u@127.0.0.1/d", None),
        ("postgresql://u@[::1]:5433/d", None),
        ("postgresql:///d?host=/run/postgresql", None),
        ("postgresql://u@%2Frun%2Fpostgresql/d", None),
    ],
)
def test_another_machine_has_to_show_who_it_is_unless_the_address_says_otherwise(
    url: str, mode: str | None
) -> None:
    asked = on_our_terms(url)
    assert (asked == url) == (mode != "verify-full")
    assert is_verified(asked) == (mode == "verify-full")
    assert is_here(url) == (mode is None)
    assert Database.of(SecretStr(url)).url == asked


@needs_server
def test_the_right_certificate_passes_and_the_line_is_encrypted(
    server: str, authority: Authority
) -> None:
    database = reached(server, authority)
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute(TLS)
        assert cursor.fetchone() == (True,)
    connection.close()
    with database.adbc() as arrow, arrow.cursor() as cursor:
        cursor.execute(TLS)
        assert cursor.fetchone() == (True,)
    with sqlalchemy.create_engine(database.dagster_url()).connect() as other:
        assert other.execute(sqlalchemy.text(TLS)).scalar() is True


def test_a_server_that_does_not_encrypt_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def says_no() -> None:
            for _ in range(2):
                peer, _ = listener.accept()
                with peer:
                    peer.recv(8)
                    peer.sendall(b"N")

        Thread(target=says_no, daemon=True).start()
        port = listener.getsockname()[1]
        url = SecretStr(f"postgresql://u@db.example:{port}/d?hostaddr=127.0.0.1")
        for connect in (Database.of(url).connect, Database.of(url).adbc):
            with pytest.raises(DatabaseNotTrusted, match="the server does not encrypt"):
                connect()


@needs_server
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("authority", "not of the authority we trust"),
        ("name", "for another name than its address"),
        # Nobody said so: it is asked for by itself.
        ("default", "for another name than its address"),
        ("none", "no certificate of an authority"),
    ],
)
def test_any_other_certificate_is_refused_in_a_sentence(
    server: str, authority: Authority, stranger: Authority, fault: str, said: str, tmp_path: Path
) -> None:
    database = {
        "authority": reached(server, stranger),
        "name": reached(server.replace("127.0.0.1", "localhost"), authority),
        "default": reached(
            server.replace("127.0.0.1", "db.example"), authority, sslmode="", hostaddr="127.0.0.1"
        ),
        "none": reached(server, authority, sslrootcert=str(tmp_path / "none")),
    }[fault]
    for connect in (database.connect, database.adbc):
        with pytest.raises(DatabaseNotTrusted, match=said) as told:
            connect()
        assert "\n" not in str(told.value) and "Nothing was sent." in str(told.value)
    engine = sqlalchemy.create_engine(database.dagster_url())
    with pytest.raises(OperationalError):
        engine.connect()


@needs_server
@pytest.mark.slow
def test_dbt_goes_the_same_way(server: str, authority: Authority, stranger: Authority) -> None:
    for trusted, status in ((authority, 0), (stranger, 1)):
        told = reached(server, trusted).dbt_environment()
        asked = [
            sys.executable, "-m", "dbt.cli.main", "debug", "--connection",
            "--profiles-dir", "dbt", "--project-dir", "dbt",
        ]  # fmt: skip
        run = subprocess.run(
            asked, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True
        )
        assert run.returncode == status, run.stdout
        assert ("SSL error" in run.stdout) == (status == 1)
