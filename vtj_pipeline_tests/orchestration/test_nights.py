"""Thirty nights that run themselves, with two outages and a night without a valid password.

The clock is the test's, and so are the ticks; all else is real: the source is a process of its own,
the schedule is evaluated and its runs are done as Dagster has them, on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus
from pydantic import SecretStr

from vtj_pipeline.clock import HELSINKI, today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.nights import CATCHES_UP
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
NAME = "area"
NIGHTS = 30
TODAY = today_in_finland()
# The first partition; the last one is that of the day before the last night.
FIRST = TODAY - timedelta(days=NIGHTS)
CHANGES = dg.AssetKey([NAME, "daily_changes"])
VIEW = dg.AssetKey(["municipality", "resident"])


def subscription(**more: Any) -> Subscription:
    return Subscription(
        name=NAME,
        product="municipality",
        municipalities=MUNICIPALITIES,
        start_date=FIRST,
        baseline="perustiedot-vko",
        **more,
    )


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = field(default_factory=lambda: datetime.combine(FIRST, time(12), HELSINKI))

    def __call__(self) -> datetime:
        return self.now

    def set(self, night: date, hour: int) -> None:
        self.now = datetime.combine(night, time(hour, 15), HELSINKI)


@dataclass
class Life:
    """A deployment whose clock, source and settings the test sets."""

    deployment: Deployment
    instance: dg.DagsterInstance
    clock: Clock
    source: httpx.Client

    def __post_init__(self) -> None:
        self.definitions = build_definitions(self.deployment)

    def restart(self, password: str) -> None:
        """Start the code server anew with another password in its environment."""
        settings = self.deployment.settings.model_copy(update={"api_password": SecretStr(password)})
        self.deployment = replace(self.deployment, settings=settings)
        self.definitions = build_definitions(self.deployment)

    def run(self, job: str, **more: Any) -> dg.ExecuteInProcessResult:
        return self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, **more
        )

    def begin(self, night: date, hour: int = 2) -> None:
        """It is so late, for the source as for us."""
        self.clock.set(night, hour)
        self.source.post("/sandbox/clock", json={"today": night.isoformat()}).raise_for_status()

    def tick(self) -> dg.ScheduleExecutionData:
        """What the schedule says at this hour."""
        schedule = self.definitions.resolve_schedule_def(f"{NAME}_nightly")
        assert isinstance(schedule, dg.ScheduleDefinition)
        with dg.build_schedule_context(
            instance=self.instance,
            scheduled_execution_time=self.clock(),
            repository_def=self.definitions.get_repository_def(),
        ) as context:
            return schedule.evaluate_tick(context)

    def night(self, night: date, hour: int = 2) -> list[bool]:
        """A tick and its runs; whether each did its work."""
        self.begin(night, hour)
        done = []
        for request in self.tick().run_requests or ():
            which = {"partition_key": request.partition_key} if request.partition_key else {}
            done.append(self.run(f"{NAME}_night", tags=request.tags, **which).success)
        return done

    def fail(self, share: float) -> None:
        faults = {"faults": {"error-xroad": share}, "most_faults_in_a_row": 1000}
        self.source.post("/sandbox/faults", json=faults).raise_for_status()

    def statuses(self) -> dict[str, AssetPartitionStatus | None]:
        graph = self.definitions.resolve_asset_graph()
        days = [(FIRST + timedelta(days=number)).isoformat() for number in range(NIGHTS)]
        found = self.instance.get_status_by_partition(
            CHANGES, days, graph.get(CHANGES).partitions_def
        )
        assert found is not None
        return dict(found)


@pytest.fixture
def life(ready_database: Database, tmp_path: Path) -> Iterator[Life]:
    options = {"persons": 300, "activity": 20, "seed": 7, "wellbeing_area": "11"}
    clock = Clock()
    home = share_manifest(tmp_path / "home")
    with (
        sandbox_process(**options, start=FIRST, clock=FIRST, days=NIGHTS) as (_, url),
        httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=60) as source,
        # On a disk, since a schedule finds its instance by where that is.
        dg.DagsterInstance.local_temp(str(tmp_path)) as instance,
    ):
        settings = Settings(
            home=home,
            person_key=KEY,
            postgres_url=ready_database.url,
            api_url=url,
            api_username=ACCOUNT[0],
            api_password=ACCOUNT[1],
            api_attempts=1,
        )
        yield Life(Deployment(settings, (subscription(),), clock), instance, clock, source)


def test_thirty_nights_with_two_outages_and_a_bad_one_end_whole(life: Life) -> None:
    nights = [FIRST + timedelta(days=number) for number in range(1, NIGHTS + 1)]
    # What a person does once: the baseline.
    assert life.run(f"{NAME}_baseline").success
    before = dg.evaluate_automation_conditions(life.definitions, life.instance)
    for night in nights[:5]:
        assert life.night(night) == [True]

    # The source is away for three nights; each is tried again, and the third comes back at six.
    life.fail(1.0)
    for night in nights[5:8]:
        assert life.night(night) == [False]
        assert life.night(night, hour=3) == [False]
    life.fail(0.0)
    assert life.night(nights[7], hour=6) == [True]
    assert life.tick().skip_message == "Every day until yesterday has landed."

    for night in nights[8:12]:
        assert life.night(night) == [True]

    # Our own machine is away for six nights.
    life.begin(nights[18])
    [request] = life.tick().run_requests or ()
    assert request.tags[CATCHES_UP] == f"{nights[11]} to {nights[17]}"
    assert life.night(nights[18]) == [True]

    for night in nights[19:22]:
        assert life.night(night) == [True]

    # The password has run out: the source is asked once, and then by nobody until it is renewed.
    life.restart("another")
    assert life.night(nights[22]) == [False]
    life.begin(nights[22], hour=3)
    assert "401 or 403" in (life.tick().skip_message or "")
    # The one documented step: the new password.
    life.restart(ACCOUNT[1])
    for night in nights[23:]:
        assert life.night(night) == [True]

    assert set(life.statuses().values()) == {AssetPartitionStatus.MATERIALIZED}
    checks = life.run(f"{NAME}_proof").get_asset_check_evaluations()
    assert [one.check_name for one in checks if not one.passed] == []
    assert life.run("register").success
    reconciled = life.run(f"{NAME}_reconcile")
    assert reconciled.success
    [drift] = [
        one for one in reconciled.get_asset_check_evaluations() if one.check_name == "no_drift"
    ]
    compared = drift.metadata["compared"].value
    assert isinstance(compared, int) and compared > 250
    assert drift.metadata["drifted"].value == 0
    asked = dg.evaluate_automation_conditions(life.definitions, life.instance, cursor=before.cursor)
    assert asked.get_num_requested(VIEW) == 1


def test_a_run_under_way_and_days_too_old_are_said(life: Life) -> None:
    life.begin(FIRST + timedelta(days=20))
    tick = life.tick()
    [request] = tick.run_requests or ()
    # Of twenty days the source is known to keep fourteen.
    assert request.tags[CATCHES_UP].startswith(f"{FIRST + timedelta(days=7)} to ")
    run = life.instance.create_run_for_job(
        life.definitions.resolve_job_def(f"{NAME}_night"), status=dg.DagsterRunStatus.STARTED
    )
    assert life.tick().skip_message == (f"Run {run.run_id} asks the source already: one at a time.")
