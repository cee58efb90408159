"""The daemon works off a backfill that the UI starts, and `dev` ends without leaving anything."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from vtj_pipeline.commands.demo import NAME
from vtj_pipeline_tests.end_to_end.homes import Home, demo
from vtj_pipeline_tests.orchestration.ui import LOCATIONS, answers, ask, free_port

pytestmark = pytest.mark.slow
KEY = {"path": [NAME, "daily_changes"]}
START_SECONDS = 120
BACKFILL_SECONDS = 180
END_SECONDS = 60
LAUNCH = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
STATUS = """query($id: String!, $tags: [ExecutionTag!]) {
  partitionBackfillOrError(backfillId: $id) {
    __typename ... on PartitionBackfill { status error { message } }
    ... on PythonError { message } }
  runsOrError(filter: {tags: $tags}) { ... on Runs { results { runId status } } } }"""
MADE = """query($key: AssetKeyInput!, $days: [String!]) { assetNodeOrError(assetKey: $key) {
  ... on AssetNode { assetMaterializations(partitions: $days) { partition runId } } } }"""
FAILED = """query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  __typename ... on ExecutionStepFailureEvent { error { message stack } }
  ... on RunFailureEvent { error { message } } } } } }"""


@contextmanager
def dev(home: Home, port: int, log: Path) -> Iterator[httpx.Client]:
    """`vtj-pipeline dev`, answering; ended as Ctrl-C ends it."""
    address = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = home.start("dev", "--port", str(port), output=output)
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            deadline = time.monotonic() + START_SECONDS
            while not answers(client):
                assert process.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < deadline, log.read_text("utf-8")
                time.sleep(0.3)
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(END_SECONDS)
        finally:
            process.kill()


def work_off(client: httpx.Client, days: list[str]) -> set[str]:
    """Launch a backfill and wait for its end; returns its runs."""
    params = {"assetSelection": [KEY], "partitionNames": days, "title": "three days"}
    launched = ask(client, LAUNCH, params=params)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    tags = [{"key": "dagster/backfill", "value": launched["backfillId"]}]
    deadline = time.monotonic() + BACKFILL_SECONDS
    while True:
        found = ask(client, STATUS, id=launched["backfillId"], tags=tags)
        backfill, runs = found["partitionBackfillOrError"], found["runsOrError"]["results"]
        if backfill["status"] == "COMPLETED_SUCCESS":
            return {run["runId"] for run in runs}
        bad = backfill["status"] in ("FAILED", "COMPLETED_FAILED", "CANCELED")
        if bad or time.monotonic() > deadline:
            pytest.fail(f"{backfill}\n{runs}\n{errors(client, runs)}")
        time.sleep(0.5)


def errors(client: httpx.Client, runs: list[dict[str, str]]) -> str:
    events = [
        event
        for run in runs
        for event in ask(client, FAILED, run=run["runId"])["logsForRun"]["events"]
        if event.get("error")
    ]
    return json.dumps(events, indent=1)


def test_a_backfill_lands_its_days_and_dev_ends_clean(tmp_path: Path) -> None:
    home, _ = demo()
    first = date.fromisoformat(json.loads((home.path / "demo.json").read_text("utf-8"))["start"])
    days = [(first + timedelta(days=n)).isoformat() for n in range(3)]
    log = tmp_path / "log"
    with dev(home, free_port(), log) as client:
        (location,) = ask(client, LOCATIONS)["workspaceOrError"]["locationEntries"]
        assert location["locationOrLoadError"]["__typename"] != "PythonError", location
        runs = work_off(client, days)
        assert runs
        made = ask(client, MADE, key=KEY, days=days)["assetNodeOrError"]["assetMaterializations"]
        assert {each["partition"] for each in made if each["runId"] in runs} == set(days)
        kinds = home.processes()
        assert any("vtj_pipeline.sandbox" in command for command in kinds)
        assert any("postgres" in command for command in kinds)
    assert home.processes_after(30) == [], log.read_text("utf-8")
