"""The daemon works off a backfill that the UI starts, and `dev` ends without leaving anything."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from vtj_pipeline.commands.demo import NAME
from vtj_pipeline_tests.benchmarks.dagster_runs import by_kind, runs_after
from vtj_pipeline_tests.end_to_end.developing import dev
from vtj_pipeline_tests.end_to_end.homes import demo
from vtj_pipeline_tests.logs.read import messages, read
from vtj_pipeline_tests.orchestration.ui import LOCATIONS, ask, launch_backfill

pytestmark = pytest.mark.slow
KEY = {"path": [NAME, "daily_changes"]}
BACKFILL_SECONDS = 180
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
LAUNCH_VIEWS = """mutation { launchRun(executionParams: {runConfigData: {}, selector: {
  repositoryLocationName: "vtj_pipeline.definitions", repositoryName: "__repository__",
  jobName: "views"}}) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
RUN = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"


def work_off(client: httpx.Client, days: list[str]) -> set[str]:
    """Launch a backfill and wait for the end of its runs; returns them."""
    backfill_id = launch_backfill(client, KEY["path"], days, "three days")
    tags = [{"key": "dagster/backfill", "value": backfill_id}]
    deadline = time.monotonic() + BACKFILL_SECONDS
    while True:
        found = ask(client, STATUS, id=backfill_id, tags=tags)
        backfill, runs = found["partitionBackfillOrError"], found["runsOrError"]["results"]
        # The daemon would note the backfill's own end half a minute later.
        if runs and all(run["status"] == "SUCCESS" for run in runs):
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


def start_views(client: httpx.Client) -> str:
    """Launch a run that takes a while, and wait until it works; returns its identifier."""
    launched = ask(client, LAUNCH_VIEWS)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = str(launched["run"]["runId"])
    deadline = time.monotonic() + BACKFILL_SECONDS
    while (status := ask(client, RUN, run=run_id)["runOrError"]["status"]) != "STARTED":
        assert status in ("QUEUED", "NOT_STARTED", "STARTING"), status
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
    return run_id


def the_benchmark_sees_the_run(client: httpx.Client, launched: float, run_id: str) -> None:
    (seen,) = (run for run in runs_after(client, launched) if run.run_id == run_id)
    assert (seen.kind, seen.status, seen.days) == ("changes", "SUCCESS", 3)
    assert seen.waited >= 0 and seen.overhead > 0 and seen.work > 0
    assert seen.ended is not None and launched + seen.overhead + seen.work <= seen.ended
    (kind,) = by_kind([seen, seen])
    assert (kind.kind, kind.runs, kind.days, kind.work) == ("changes", 2, 6, 2 * seen.work)


def test_a_backfill_lands_its_days_and_dev_ends_clean(tmp_path: Path) -> None:
    made_home, _ = demo()
    # What `dev` writes by default is seen in `browser/`.
    home = replace(made_home, more={"VTJ_LOG_FORMAT": "json"})
    first = date.fromisoformat(json.loads((home.path / "demo.json").read_text("utf-8"))["start"])
    days = [(first + timedelta(days=n)).isoformat() for n in range(3)]
    log = tmp_path / "log"
    with dev(home, log) as client:
        (location,) = ask(client, LOCATIONS)["workspaceOrError"]["locationEntries"]
        assert location["locationOrLoadError"]["__typename"] != "PythonError", location
        launched = time.time()
        runs = work_off(client, days)
        (run_id,) = runs  # neighbouring days are one run
        the_benchmark_sees_the_run(client, launched, run_id)
        made = ask(client, MADE, key=KEY, days=days)["assetNodeOrError"]["assetMaterializations"]
        assert {each["partition"] for each in made if each["runId"] in runs} == set(days)
        kinds = home.processes()
        assert any("vtj_pipeline.sandbox" in command for command in kinds)
        assert any("postgres" in command for command in kinds)
        interrupted = start_views(client)
    # Ended with the rest, while its end could still be noted: no pool waits for it.
    ended = home.rows(f"select status from dagster.runs where run_id = '{interrupted}'")
    assert ended == [("FAILURE",)]
    lines = read(log.read_text("utf-8"))
    assert "ending …" in messages(lines)
    told = {(line.get("run_id"), line.get("event")) for line in lines}
    assert {(run, "RUN_SUCCESS") for run in runs} <= told
