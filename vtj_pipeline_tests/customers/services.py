"""The processes of a deployment of several customers, as a service manager starts them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline_tests.customers.place import Place
from vtj_pipeline_tests.end_to_end.homes import COMMAND, subscriptions_of_area
from vtj_pipeline_tests.orchestration.ui import LOCATIONS, answers, ask
from vtj_pipeline_tests.servers import free_port

TOWN = "town"
_SECONDS = 900
_LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
__typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
_RUNS = """query($after: Float!) { runsOrError(filter: {createdAfter: $after}) { ... on Runs {
results { runId jobName status tags { key value }
stats { ... on RunStatsSnapshot { enqueuedTime launchTime startTime endTime } } } } } }"""
HEALTH = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"


@dataclass
class Run:
    """A run as Dagster tells of it."""

    run_id: str
    job: str
    status: str
    customer: str | None
    stats: dict[str, float]


@dataclass
class Services:
    """What runs for a deployment."""

    place: Place
    logs: Path
    port: int
    client: httpx.Client
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """A process of the whole deployment's."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [COMMAND, *arguments],
                env=self.place.environment,
                cwd=self.logs,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start_code(self, customer: str) -> None:
        """A customer's code server."""
        self.start(customer, "customers", "as", customer, "serve", "code")

    def start_shared(self) -> None:
        """The daemon and the UI that all share."""
        self.start("daemon", "serve", "daemon")
        self.start("webserver", "serve", "webserver", "--port", str(self.port))

    def until(self, what: str, is_so: Callable[[], Any], seconds: float = _SECONDS) -> Any:
        """Wait for something, as long as every process lives."""
        deadline = time.monotonic() + seconds
        while not (found := is_so()):
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended.\n{self.said(name)}"
            assert time.monotonic() < deadline, f"not {what}: {self.runs()}"
            time.sleep(0.5)
        return found

    def until_loaded(self, customers: set[str]) -> None:
        """Wait for the UI, the daemon and every customer's code."""
        self.until("answering", lambda: answers(self.client))
        self.until("loaded", lambda: self.loaded() == customers)
        self.until("a living daemon", self._is_healthy)

    def loaded(self) -> set[str]:
        """The customers whose code is loaded."""
        entries = ask(self.client, LOCATIONS)["workspaceOrError"]["locationEntries"]
        good = "RepositoryLocation"
        return {
            one["name"]
            for one in entries
            if (one["locationOrLoadError"] or {}).get("__typename") == good
        }

    def launch(self, customer: str, job: str, day: date | None = None, assets: Any = None) -> str:
        """Start a run as the UI does; of some assets alone if they are named."""
        tags = [{"key": "dagster/partition", "value": day.isoformat()}] if day else []
        params = {
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": tags},
            "selector": {
                "repositoryName": "__repository__",
                "repositoryLocationName": customer,
                "pipelineName": job,
                **({"assetSelection": [{"path": one} for one in assets]} if assets else {}),
            },
        }
        launched = ask(self.client, _LAUNCH, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def runs(self, after: float = 0.0) -> dict[str, Run]:
        """Every run that there is, of those that came after a Unix time."""
        found = ask(self.client, _RUNS, after=after)["runsOrError"]["results"]
        return {one["runId"]: _run(one) for one in found}

    def ended(self, run_id: str) -> Run:
        """Wait for the end of a run."""

        def end() -> Run | None:
            run = self.runs()[run_id]
            return run if run.status in ("SUCCESS", "FAILURE", "CANCELED") else None

        found: Run = self.until(f"an end of {run_id}", end)
        return found

    def said(self, name: str) -> str:
        """What a process wrote last."""
        return (self.logs / f"{name}.log").read_text("utf-8")[-4000:]

    def tree(self, name: str) -> list[psutil.Process]:
        """A process and all that it started."""
        main = psutil.Process(self.processes[name].pid)
        return [main, *main.children(recursive=True)]

    def end(self) -> None:
        """End all of it; what does not end when it is asked is killed."""
        everybody = [
            one
            for name, process in self.processes.items()
            if process.poll() is None
            for one in self.tree(name)
        ]
        for one in everybody:
            _send(one.terminate)
        for one in psutil.wait_procs(everybody, timeout=30)[1]:
            _send(one.kill)
        for process in self.processes.values():
            process.wait()

    def _is_healthy(self) -> bool:
        found = ask(self.client, HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return all(one["healthy"] for one in found if one["required"])


@contextmanager
def running_services(place: Place, logs: Path) -> Iterator[Services]:
    """Nothing started yet; at the end all is ended."""
    port = free_port()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        services = Services(place, logs, port, client)
        try:
            yield services
        finally:
            services.end()


def point_at_source(place: Place, customer: str, url: str, start: date, **more: str) -> None:
    """Let a customer ask a sandbox for the product of its area."""
    one = place.customer(customer)
    named = {
        "VTJ_API_URL": url,
        "VTJ_API_USERNAME": ACCOUNT[0],
        "VTJ_API_PASSWORD": ACCOUNT[1],
        "VTJ_COLUMN_LINEAGE": "false",
        **more,
    }
    lines = "".join(f"{name}={value}\n" for name, value in named.items())
    one.file.write_text(f"{one.file.read_text('utf-8')}{lines}", "utf-8")
    (one.home / "subscriptions.toml").write_text(subscriptions_of_area(TOWN, start), "utf-8")


def _send(signal: Callable[[], None]) -> None:
    try:
        signal()
    except psutil.NoSuchProcess:
        return


def _run(told: dict[str, Any]) -> Run:
    tags = {one["key"]: one["value"] for one in told["tags"]}
    stats = {name: one for name, one in (told["stats"] or {}).items() if one is not None}
    return Run(told["runId"], told["jobName"], told["status"], tags.get("vtj/customer"), stats)
