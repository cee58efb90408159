"""The doctor tells whether Dagster's daemon is alive, and what stands still without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
)
from dagster._daemon.types import DaemonHeartbeat
from dagster._utils.error import SerializableErrorInfo

from vtj_pipeline.commands.doctor_dagster import dagster_findings
from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.instance import dagster_instance
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.source.products import CODES, municipality


@pytest.fixture
def deployment(ready_database: Database, tmp_path: Path) -> Deployment:
    return Deployment(Settings(home=tmp_path, postgres_url=ready_database.url), (municipality(),))


@contextmanager
def instance_of(deployment: Deployment) -> Iterator[dg.DagsterInstance]:
    """The instance that the doctor asks."""
    with (
        running_database(deployment.settings) as database,
        dagster_instance(deployment, database) as instance,
    ):
        yield instance


def beat(deployment: Deployment, ago: timedelta = timedelta(), **more: Any) -> None:
    """As a daemon whose parts have all given a sign of life so long ago."""
    with instance_of(deployment) as instance:
        for part in instance.get_required_daemon_types():
            at = (datetime.now(UTC) - ago).timestamp()
            instance.add_daemon_heartbeat(DaemonHeartbeat(at, part, "test", **more))


def turn_on(deployment: Deployment) -> None:
    """As somebody who turns a schedule on in the UI."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("vtj"), "vtj")
    state = InstigatorState(
        RemoteInstigatorOrigin(repository, "towns_nightly"),
        InstigatorType.SCHEDULE,
        InstigatorStatus.RUNNING,
        ScheduleInstigatorData("15 2 * * *", None),
    )
    with instance_of(deployment) as instance:
        instance.add_instigator_state(state)


def daemon(deployment: Deployment) -> Finding:
    """What the doctor says of it."""
    with running_database(deployment.settings) as database:
        _, finding = dagster_findings(deployment, database)
    assert finding.check == "daemon"
    return finding


def test_a_daemon_that_never_ran_or_is_gone_is_told(deployment: Deployment) -> None:
    never = daemon(deployment)
    assert (never.result, never.found) == ("warn", "no daemon has run here")
    assert "vtj-pipeline serve daemon" in never.to_do
    beat(deployment, timedelta(minutes=10))
    gone = daemon(deployment)
    assert gone.result == "warn" and "the last heartbeat came at" in gone.found
    # Whoever has turned a schedule on relies on it.
    turn_on(deployment)
    missed = daemon(deployment)
    assert missed.result == "fail" and "1 schedules and sensors are turned on" in missed.found
    beat(deployment)
    assert (daemon(deployment).result, daemon(deployment).to_do) == ("ok", "")


def test_alarms_that_wait_for_a_daemon_are_told(deployment: Deployment) -> None:
    url = "https://hooks.example.fi/x"
    told = replace(
        deployment, settings=deployment.settings.model_copy(update={"alarm_webhook_url": url})
    )
    never = daemon(told)
    assert never.result == "fail" and "alarms are to be told" in never.found


def test_a_daemon_whose_parts_fail_is_told_without_their_errors(deployment: Deployment) -> None:
    error = SerializableErrorInfo(f"of {CODES[0]}", [], "Error")
    beat(deployment, errors=[error])
    found = daemon(deployment)
    assert found.result == "warn" and "SCHEDULER" in found.found and "log" in found.to_do
    assert CODES[0] not in str(found)
