"""The processes that the units start, as they start them: they work together and end cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.conftest import DATA_KEY, KEY
from vtj_pipeline_tests.deploy.units import SERVICES, command, environment_files, variables
from vtj_pipeline_tests.end_to_end.homes import COMMAND
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.logs.read import Line, read
from vtj_pipeline_tests.orchestration.ui import LOCATIONS, answers, ask
from vtj_pipeline_tests.servers import free_port
from vtj_pipeline_tests.upgrades.old import rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SECONDS = 240
ONLOOKERS = "vtj-onlookers"
LOGGERS = {
    "vtj-code": "dagster.code_server",
    "vtj-daemon": "dagster.daemon",
    "vtj-webserver": "dagster-webserver",
}
SUBSCRIPTION = """[[subscription]]
name = "town"
product = "municipality"
municipalities = ["092"]
start_date = 2026-10-01
baseline = "perustiedot-vko"
"""
HEALTH = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"
LAUNCH = """mutation($job: String!) { launchRun(executionParams: {mode: "default",
runConfigData: {}, selector: {repositoryName: "__repository__",
repositoryLocationName: "vtj_pipeline.definitions", pipelineName: $job}}) {
__typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUN = """query($id: ID!) { runOrError(runId: $id) { ... on Run { status } }
logsForRun(runId: $id) { ... on EventConnection { events { __typename
... on ExecutionStepFailureEvent { error { message } } } } } }"""


@dataclass
class Services:
    """The processes of the units, by name."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, str] = field(default_factory=lambda: {"3000": "", "3001": ""})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, unit: Path, **more: str) -> None:
        """Start what a unit's ExecStart says, with what its environment files set and no more."""
        told = {name for file in environment_files(unit) for name in variables(file)}
        environment = {**self.environment, **more}
        arguments = [self.ports.get(one, one) for one in command(unit)]
        with (self.folder / f"{unit.stem}.log").open("wb") as log:
            self.processes[unit.stem] = subprocess.Popen(
                [COMMAND, *arguments],
                env={
                    "PATH": os.defpath,
                    **{name: value for name, value in environment.items() if name in told},
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def until(self, what: str, is_so: Callable[[], Any]) -> Any:
        """Wait for something, as long as every process lives."""
        deadline = time.monotonic() + SECONDS
        while not (found := is_so()):
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended.\n{self.said(name)}"
            assert time.monotonic() < deadline, f"not {what}\n{self.said('vtj-code')}"
            time.sleep(1)
        return found

    def said(self, name: str) -> str:
        """What a process wrote."""
        return self.log(name)[-4000:]

    def log(self, name: str) -> str:
        """All that a process wrote, and those that it started."""
        return (self.folder / f"{name}.log").read_text("utf-8")

    def end(self) -> dict[str, int]:
        """End them as systemd does, which asks every process of a unit; how each ended."""
        trees = {
            name: [main, *main.children(recursive=True)]
            for name, process in self.processes.items()
            for main in [psutil.Process(process.pid)]
        }
        for tree in trees.values():
            for one in tree:
                try:
                    one.send_signal(signal.SIGTERM)
                except psutil.NoSuchProcess:
                    continue
        ended = {name: process.wait(120) for name, process in self.processes.items()}
        everybody = [one for tree in trees.values() for one in tree]
        _, left = psutil.wait_procs(everybody, timeout=60)
        assert left == []
        return ended

    def kill(self) -> None:
        """End whatever a failed test left."""
        for process in self.processes.values():
            if process.poll() is None:
                for one in psutil.Process(process.pid).children(recursive=True):
                    one.kill()
                process.kill()
                process.wait()


@pytest.fixture
def services(one_database: Database) -> Iterator[Services]:
    """Nothing started yet; a home with a subscription, and a database of one's own."""
    home = new_home()
    home.mkdir(mode=0o700)
    file = home.parent / "subscriptions.toml"
    file.write_text(SUBSCRIPTION, "utf-8")
    made = Services(
        home.parent,
        {
            "VTJ_HOME": str(home),
            "VTJ_POSTGRES_URL": one_database.url,
            "VTJ_PERSON_KEY": KEY,
            "VTJ_ANALYST_KEY": KEY[::-1],
            "VTJ_DATA_KEY": DATA_KEY,
            "VTJ_SUBSCRIPTIONS": str(file),
        },
        {"3000": str(free_port()), "3001": str(free_port())},
    )
    try:
        yield made
    finally:
        made.kill()


def is_loaded(client: httpx.Client) -> bool:
    entries = ask(client, LOCATIONS)["workspaceOrError"]["locationEntries"]
    return [(e["name"], e["locationOrLoadError"]["__typename"]) for e in entries] == [
        ("vtj_pipeline.definitions", "RepositoryLocation")
    ]


def is_healthy(client: httpx.Client) -> bool:
    found = ask(client, HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
    return all(one["healthy"] for one in found if one["required"])


def test_the_units_processes_work_together_and_end_cleanly(
    services: Services, one_database: Database
) -> None:
    # One of them logs as it does by default, and has read the configuration that all write before
    # the others write theirs.
    for unit in sorted(SERVICES, key=lambda one: one.stem != ONLOOKERS):
        if unit.stem == ONLOOKERS:
            services.start(unit)
            services.until("serving", lambda: "Serving dagster" in services.log(ONLOOKERS))
        else:
            services.start(unit, VTJ_LOG_FORMAT="json")
    with ExitStack() as opened:
        operators, onlookers = (
            opened.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
            for port in services.ports.values()
        )
        for client in (operators, onlookers):
            services.until("answering", lambda client=client: answers(client))
            # The UI may be there before the code: it finds it by itself.
            services.until("loaded", lambda client=client: is_loaded(client))
        services.until("a living daemon", lambda: is_healthy(operators))
        refused = ask(onlookers, LAUNCH, job="register")["launchRun"]
        assert refused["__typename"] == "UnauthorizedError"
        run, done = run_to_its_end(services, operators, "register")
        assert done["runOrError"]["status"] == "SUCCESS", done["logsForRun"]
        # No source is named here.
        failed, done = run_to_its_end(services, operators, "town_baseline")
        assert done["runOrError"]["status"] == "FAILURE"
    limits = 'select concurrency_key, "limit" from dagster.concurrency_limits'
    assert dict(rows(one_database, limits)).items() >= {"register_writer": 1}.items()
    for name, status in services.end().items():
        # The UI's server passes the signal on once it has ended; systemd takes that as clean.
        assert status in (0, -signal.SIGTERM), f"{name} ended with {status}\n{services.said(name)}"
    assert not any(line.startswith("{") for line in services.log(ONLOOKERS).splitlines())
    logs = {unit.stem: read(services.log(unit.stem)) for unit in SERVICES if unit.stem != ONLOOKERS}
    for name, logger in LOGGERS.items():
        assert logger in {line["logger"] for line in logs[name]}
    the_runs_are_told(logs["vtj-code"], run, failed)


def run_to_its_end(services: Services, client: httpx.Client, job: str) -> tuple[str, Any]:
    """Launch a job; its run, and how that ended."""
    launched = ask(client, LAUNCH, job=job)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run = launched["run"]["runId"]
    return run, services.until(
        "an end of the run",
        lambda: (
            found
            if (found := ask(client, RUN, id=run))["runOrError"]["status"]
            in ("SUCCESS", "FAILURE", "CANCELED")
            else None
        ),
    )


def the_runs_are_told(lines: list[Line], run: str, failed: str) -> None:
    """What a machine can find out about a run that went well, and about one that did not."""
    well = [line for line in lines if line.get("run_id") == run]
    assert {line["job"] for line in well} == {"register"}
    assert "RUN_SUCCESS" in {line.get("event") for line in well}
    (person,) = [line for line in well if line.get("asset") == "register/person"]
    assert person["counts"]["persons"] == 0
    (step,) = [
        line
        for line in lines
        if (line.get("run_id"), line.get("event")) == (failed, "STEP_FAILURE")
    ]
    assert (step["level"], step["job"]) == ("ERROR", "town_baseline")
    assert step["step"] == "town__baseline_snapshot"
    assert step["exception"]["type"] == "vtj_pipeline.errors.SettingsError"
    assert "VTJ_API_URL" in step["exception"]["message"]
