"""What a tick of the schedule says, by the ledger, the clock and the runs that there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import dagster as dg
import pytest

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import CUSTOMER_TAG, Deployment
from vtj_pipeline.orchestration.nights import CATCHES_UP
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest

pytestmark = pytest.mark.slow

NAME = "area"
FIRST = date(2026, 10, 1)


@dataclass(frozen=True)
class Schedule:
    """The nightly schedule of a deployment at some moment."""

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    now: datetime

    def tick(self) -> dg.ScheduleExecutionData:
        """What the schedule says."""
        schedule = self.definitions.resolve_schedule_def(f"{NAME}_nightly")
        assert isinstance(schedule, dg.ScheduleDefinition)
        with dg.build_schedule_context(
            instance=self.instance,
            scheduled_execution_time=self.now,
            repository_def=self.definitions.get_repository_def(),
        ) as context:
            return schedule.evaluate_tick(context)


@pytest.fixture
def twentieth_night(ready_database: Database, tmp_path: Path) -> Iterator[Schedule]:
    """Nothing has landed, and twenty days have ended."""
    now = datetime.combine(FIRST + timedelta(days=20), time(2, 15), HELSINKI)
    home = share_manifest(tmp_path / "home")
    settings = Settings(home=home, person_key=KEY, postgres_url=ready_database.url)
    area = Subscription(
        name=NAME,
        product="municipality",
        municipalities=("153",),
        start_date=FIRST,
        baseline="perustiedot-vko",
    )
    definitions = build_definitions(Deployment(settings, (area,), lambda: now))
    # On a disk, since a schedule finds its instance by where that is.
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Schedule(definitions, instance, now)


def test_only_days_that_the_source_still_keeps_are_asked_for(twentieth_night: Schedule) -> None:
    [request] = twentieth_night.tick().run_requests or ()
    # Of twenty days the source is known to keep fourteen.
    assert request.tags[CATCHES_UP] == "2026-10-08 to 2026-10-20"


def test_nothing_is_started_beside_a_run_that_asks_the_source(twentieth_night: Schedule) -> None:
    job = twentieth_night.definitions.resolve_job_def(f"{NAME}_night")
    run = twentieth_night.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert twentieth_night.tick().skip_message == (
        f"Run {run.run_id} asks the source already: one at a time."
    )


def test_another_customer_s_run_asks_another_source(
    twentieth_night: Schedule, ready_database: Database, tmp_path: Path
) -> None:
    """Its products and jobs may have the same names."""
    settings = Settings(
        home=tmp_path / "home", person_key=KEY, postgres_url=ready_database.url, customer="kuopio"
    )
    area = Subscription(
        name=NAME,
        product="municipality",
        municipalities=("153",),
        start_date=FIRST,
        baseline="perustiedot-vko",
    )
    deployment = Deployment(settings, (area,), lambda: twentieth_night.now)
    mine = replace(twentieth_night, definitions=build_definitions(deployment))
    job = mine.definitions.resolve_job_def(f"{NAME}_night")
    begun = dg.DagsterRunStatus.STARTED
    mine.instance.create_run_for_job(job, status=begun, tags={CUSTOMER_TAG: "aura"})
    assert len(mine.tick().run_requests or ()) == 1
    run = mine.instance.create_run_for_job(job, status=begun, tags={CUSTOMER_TAG: "kuopio"})
    assert run.run_id in str(mine.tick().skip_message)
