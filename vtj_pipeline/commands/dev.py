"""`vtj-pipeline dev`: Dagster's UI and daemon on the present state.

Keep out definitions.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from vtj_pipeline.commands.local_source import source_at_hand
from vtj_pipeline.commands.output import note
from vtj_pipeline.commands.run import opened
from vtj_pipeline.commands.shaper import entrance, shaper
from vtj_pipeline.errors import PermanentError, SettingsError
from vtj_pipeline.orchestration.console import dagster_log_options
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.settings import load_settings

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

HOST = "127.0.0.1"
_END_SECONDS = 30


def run_dev(port: int) -> None:
    """Run webserver and daemon until interrupted; says the UI's address once it answers.

    Raises:
        PermanentError: the port is taken, or Dagster ended by itself.
        SettingsError: Dagster is shared with other customers, and has its daemon already.
    """
    settings = load_settings()
    _require_alone(settings)
    _require_free(port)
    with (
        running_database(settings) as database,
        source_at_hand(settings) as source,
        _shaped(settings) as output,
    ):
        # Its processes are told of a server, and must not make a key.
        data_keys(settings)
        with opened(database):
            pass  # writes dagster.yaml, sets pool limits, closes abandoned runs, makes the manifest
        environment = {
            "PYTHONWARNINGS": "ignore",  # of libraries: nothing that a user of the UI can act on
            **os.environ,
            "VTJ_HOME": str(settings.home.absolute()),
            "VTJ_POSTGRES_URL": database.url,
            "VTJ_CODE_URL": settings.code_url or "local",
        }
        note(f"source: {source or 'none named'}")
        note("starting Dagster …")
        process = subprocess.Popen(
            [
                sys.executable, "-m", "dagster", "dev", "--log-level", "warning",
                *dagster_log_options(),
                "-m", "vtj_pipeline.definitions", "-h", HOST, "-p", str(port),
            ],
            env=environment,
            start_new_session=True,
            stdout=entrance(output) if output else None,
            stderr=entrance(output) if output else None,
        )  # fmt: skip
        try:
            while process.poll() is None and not _answers(port):
                time.sleep(0.2)
            if process.poll() is None:
                note(f"UI: http://{HOST}:{port} (Ctrl-C ends it)")
            status = process.wait()
        except KeyboardInterrupt:
            note("ending …")
            return
        finally:
            _end(process)
        msg = f"Dagster ended by itself with status {status}; its own lines above say why."
        raise PermanentError(msg)


@contextmanager
def _shaped(settings: Settings) -> Iterator[subprocess.Popen[bytes] | None]:
    """What makes JSON of all that Dagster writes, where logs are JSON."""
    if settings.log_format == "text":
        yield None
        return
    with shaper() as process:
        yield process
        entrance(process).close()


def _require_alone(settings: Settings) -> None:
    if settings.customer is None:
        return
    msg = (
        f"Dagster was to be opened for customer {settings.customer} alone, and it is shared with "
        "others: a second daemon would start their runs twice. Open the deployment's UI "
        "(vtj-pipeline serve webserver, serve daemon)."
    )
    raise SettingsError(msg)


def _require_free(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            msg = (
                f"The UI was to answer on port {port} of {HOST}, which cannot be used: "
                f"{error.strerror}. Name another one with --port."
            )
            raise PermanentError(msg) from error


def _answers(port: int) -> bool:
    with closing(HTTPConnection(HOST, port, timeout=10)) as connection:
        try:
            connection.request("GET", "/server_info")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Dagster with the runs that are under way, which would go on without a database."""
    with suppress(ProcessLookupError):  # nobody of the group is left
        for number in (signal.SIGINT, signal.SIGKILL):
            os.killpg(process.pid, number)
            deadline = time.monotonic() + _END_SECONDS
            while time.monotonic() < deadline:
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.1)
