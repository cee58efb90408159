"""`vtj-pipeline serve …`: this process becomes one of Dagster's, so that systemd supervises that.

What Dagster needs, `dagster.yaml`, the workspace, addresses and pool limits, is made first, as for
`vtj-pipeline dev`. Keep out how the processes are kept alive (`deploy/`).
"""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import psutil
from pydantic import SecretStr

from vtj_pipeline.commands.output import complain
from vtj_pipeline.commands.run import opened
from vtj_pipeline.commands.shaper import shaper, write_into
from vtj_pipeline.commands.sockets import sockets_of
from vtj_pipeline.customers import dagster_url_of
from vtj_pipeline.errors import SettingsError
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.console import dagster_log_options
from vtj_pipeline.orchestration.instance import WORKSPACE, dagster_environment
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import load_settings, log_format

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

# Of a Unix socket's path.
_LONGEST = 107


def serve_code() -> NoReturn:
    """Become the code server, once the database is what this version needs.

    Raises:
        SettingsError: no server of PostgreSQL is named, or there is no data key.
        DatabaseTooNew: a newer program has upgraded the database.
    """
    settings = _settings()
    data_keys(settings)
    with running_database(settings) as database:
        create_ledger(database)
        create_register(database)
        with opened(database):
            environment = dagster_environment(settings, database)
    socket = environment["VTJ_CODE_SOCKET"]
    if len(socket) > _LONGEST:
        msg = (
            f"The code server was to listen at {socket}, and a socket's path has at most "
            f"{_LONGEST} characters. Set VTJ_HOME to a shorter path."
        )
        raise SettingsError(msg)
    # Run workers are started by name, and a service's PATH does not have the program's folder.
    arguments = ("--use-python-environment-entry-point", "--socket", socket)
    # Of many customers each has one process and not two: the other one would only load the code
    # anew on demand, for which the service can be started anew as well.
    server = ("api", "grpc") if settings.customer else ("code-server", "start")
    _become(
        settings, environment, "dagster", *server,
        "--module-name", "vtj_pipeline.definitions", *dagster_log_options(), *arguments,
    )  # fmt: skip


def serve_webserver(host: str, port: int, *, read_only: bool, let_others_in: bool) -> NoReturn:
    """Become the UI.

    Raises:
        SettingsError: no server of PostgreSQL is named, or the UI would be open to other machines
            and nobody said that it may.
    """
    _require_closed(host, let_others_in=let_others_in)
    settings, environment = _ready()
    more = ["--read-only"] if read_only else []
    _become(
        settings, environment, "dagster_webserver", *dagster_log_options(),
        "--workspace", _workspace(environment), "--host", host, "--port", str(port), *more,
    )  # fmt: skip


def serve_daemon() -> NoReturn:
    """Become the daemon.

    Raises:
        SettingsError: no server of PostgreSQL is named.
    """
    settings, environment = _ready()
    _become(
        settings, environment, "dagster._daemon", "run", *dagster_log_options(),
        "--workspace", _workspace(environment),
    )  # fmt: skip


def _require_closed(host: str, *, let_others_in: bool) -> None:
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if here:
        return
    open_to_all = (
        f"Dagster's UI was to listen at {host}, where other machines reach it: it has no login, "
        "and who reaches it may start and stop everything."
    )
    if not let_others_in:
        msg = (
            f"{open_to_all} Leave --host out and put a proxy that asks for a login in front "
            "(deploy/nginx, deploy/caddy); or, if something else lets in only whom it should, say "
            "--let-others-in."
        )
        raise SettingsError(msg)
    complain(f"warning: {open_to_all}")


def _settings() -> Settings:
    settings = load_settings()
    if settings.postgres_url is None:
        msg = (
            "Dagster's processes were to be served one by one, and VTJ_POSTGRES_URL is not set: "
            "the embedded PostgreSQL lives only as long as one command. Name a server, or use "
            "`vtj-pipeline dev`, which keeps everything up together."
        )
        raise SettingsError(msg)
    return settings


def _ready() -> tuple[Settings, dict[str, str]]:
    settings = load_settings()
    if settings.customer is not None:
        msg = (
            "One of the processes that all customers share was to be served, and VTJ_CUSTOMER is "
            f"{settings.customer}. Start it in the environment of the whole deployment."
        )
        raise SettingsError(msg)
    if not settings.customers_folder.is_dir():
        settings = _settings()
        with running_database(settings) as database:
            return settings, dagster_environment(settings, database)
    url = SecretStr(dagster_url_of(settings.customers_folder))
    settings = settings.model_copy(update={"dagster_url": url, "postgres_url": url})
    with running_database(settings) as database:
        return settings, dagster_environment(settings, database, sockets_of(settings))


def _workspace(environment: dict[str, str]) -> str:
    return str(Path(environment["DAGSTER_HOME"]) / WORKSPACE)


def _become(settings: Settings, environment: dict[str, str], module: str, *given: str) -> NoReturn:
    # Helpers of the libraries at hand: the new program would not know of them when they end.
    for child in psutil.Process().children():
        child.kill()
        child.wait()
    if log_format() == "json":
        write_into(shaper())
    everything = {**os.environ, **environment, "VTJ_HOME": str(settings.home.absolute())}
    os.execve(  # noqa: S606  # no shell is meant
        sys.executable, [sys.executable, "-m", module, *given], everything
    )
