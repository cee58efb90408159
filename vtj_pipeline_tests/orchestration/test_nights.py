"""Thirty nights that run themselves, with two outages and a night without a valid password.

Dagster's daemon, its code server, the runs that it starts, PostgreSQL and the source are processes
as in operation; of the daemon only the scheduler's clock is the test's, as is the program's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from vtj_pipeline.clock import HELSINKI, today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.orchestration.instance import dagster_environment
from vtj_pipeline.orchestration.nights import CATCHES_UP
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEY
from vtj_pipeline_tests.end_to_end.homes import Home, subscriptions_of_area
from vtj_pipeline_tests.orchestration.clocked.clock_file import WITHOUT_AUTOMATION, set_clock
from vtj_pipeline_tests.orchestration.clocked.life import Life, moment
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
NAME = "area"
NIGHTLY, HOURLY, MORNINGS = f"{NAME}_nightly", f"{NAME}_hourly", f"{NAME}_mornings"
NIGHTS = 30
# The first partition, so that a day after the last night is a past one too: Dagster goes by the
# machine's clock in which partitions there are.
FIRST = today_in_finland() - timedelta(days=NIGHTS + 2)
CHANGES = dg.AssetKey([NAME, "daily_changes"])
PERSON, VIEW = dg.AssetKey(["register", "person"]), dg.AssetKey(["municipality", "resident"])
LANDED = (
    "select coalesce(sum(answered), 0) as changes, "
    "coalesce(bool_or(completes_partition), false) as whole "
    "from ledger.landing_batch where kind = 'change' and partition_day = '{day}'"
)
# The views follow in the last night: before it they would take most of the test's time.
ALONE = {WITHOUT_AUTOMATION: "yes"}
ALL_HERE = "Every day until yesterday has landed."


@pytest.fixture
def life(
    ready_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Life]:
    """A deployment with its baseline, at the beginning of the first day."""
    place = share_manifest(tmp_path / "home")
    (place / "subscriptions.toml").write_text(subscriptions_of_area(NAME, FIRST), "utf-8")
    options = {"persons": 300, "activity": 20, "seed": 7, "wellbeing_area": "11"}
    with (
        sandbox_process(**options, start=FIRST, clock=FIRST, days=NIGHTS + 2) as (_, url),
        httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=60) as source,
    ):
        login = {"VTJ_API_USERNAME": ACCOUNT[0], "VTJ_API_PASSWORD": ACCOUNT[1]}
        named = {
            "VTJ_POSTGRES_URL": ready_database.url,
            "VTJ_API_URL": url,
            "VTJ_DATA_KEY": DATA_KEY,
        }
        home = Home(place, {**named, **login, "VTJ_API_ATTEMPTS": "1"})
        # What a person does once.
        home.run("run", "baseline")
        dagster = dagster_environment(Settings(home=place), ready_database)
        for name, value in dagster.items():
            monkeypatch.setenv(name, value)
        clock = tmp_path / "clock"
        set_clock(clock, moment(FIRST, 0))
        with dg.DagsterInstance.from_config(dagster["DAGSTER_HOME"]) as instance:
            lived = Home(place, {**home.more, **dagster})
            yield Life(lived, instance, source, clock, tmp_path / "daemon.log")


def night_of(life: Life, night: date, hour: int = 2) -> list[dg.DagsterRun]:
    """Let a night's hour come; the runs of its tick, ended."""
    life.set_clock(night, hour)
    return [life.ended(run_id) for run_id in life.tick(NIGHTLY, night, hour).run_ids]


def good(life: Life, night: date, hour: int = 2) -> dg.DagsterRun:
    """A night whose one run does its work."""
    [run] = night_of(life, night, hour)
    assert run.is_success
    return run


def bad(life: Life, night: date, hour: int = 2) -> None:
    """A night whose one run fails."""
    [run] = night_of(life, night, hour)
    assert run.is_failure


def skipped(life: Life, night: date, hour: int) -> str:
    """Why an hour's tick started nothing."""
    life.set_clock(night, hour)
    tick = life.tick(NIGHTLY, night, hour)
    assert not tick.run_ids
    return tick.skip_reason or ""


def test_thirty_nights_with_two_outages_and_a_bad_one_end_whole(life: Life) -> None:
    nights = [FIRST + timedelta(days=number) for number in range(1, NIGHTS + 1)]
    with life.daemon(**ALONE):
        for night in nights[:4]:
            good(life, night)

        # The source is away for three nights; each is tried again, and the third comes back at six.
        life.fail(1.0)
        for night in nights[4:7]:
            bad(life, night)
            bad(life, night, hour=3)
        life.fail(0.0)
        good(life, nights[6], hour=6)
        assert skipped(life, nights[6], 7) == ALL_HERE
        for night in nights[7:10]:
            good(life, night)

    # Our own machine is away for ten nights: of its ticks the scheduler makes up for the last one
    # alone, and that asks for all that is missing.
    with life.daemon(**ALONE):
        caught_up = good(life, nights[20])
        assert caught_up.tags[CATCHES_UP] == f"{nights[9]} to {nights[19]}"
        for night in nights[21:23]:
            good(life, night)

    # The password has run out: the source is asked once, and then by nobody until it is renewed.
    with life.daemon(VTJ_API_PASSWORD="another", **ALONE):
        bad(life, nights[23])
        assert "401 or 403" in skipped(life, nights[23], 3)
    # The one documented step: the new password.
    with life.daemon(**ALONE):
        for night in nights[24:-1]:
            good(life, night)
    with life.daemon():
        good(life, nights[-1])
        life.set_clock(nights[-1], 7)
        [proof] = life.tick(MORNINGS, nights[-1], 7).run_ids
        assert life.ended(proof).is_success
        life.wait(lambda: made(life, VIEW) > made(life, PERSON), "the views of the last night")
        life.rest()
    assert failed_checks(life, proof) == []
    assert failed_runs(life) == {f"{NAME}_night": 7}
    # Nobody has ever asked for these: they were made with the first views.
    assert all(made(life, dg.AssetKey(["reference", name])) for name in ("regions", "languages"))
    days = [(FIRST + timedelta(days=number)).isoformat() for number in range(NIGHTS)]
    assert statuses(life, days) == dict.fromkeys(days, AssetPartitionStatus.MATERIALIZED)
    assert_agrees_with_the_source(life)


def test_a_day_by_the_hour_is_landed_as_it_goes_and_ended_after_midnight(life: Life) -> None:
    file = life.home.path / "subscriptions.toml"
    file.write_text(file.read_text("utf-8") + 'rhythm = "hourly"\n', "utf-8")
    day, next_day = FIRST, FIRST + timedelta(days=1)
    with life.daemon(**ALONE):
        life.hour(HOURLY, day, 9)
        assert landed(life, day) == (0, False)
        # By two o'clock the source has recorded what the day brings.
        life.live_until(next_day)
        life.hour(HOURLY, day, 14)
        changes, whole = landed(life, day)
        assert changes > 0
        assert not whole
        life.hour(HOURLY, day, 15)
        assert landed(life, day) == (changes, False)
        life.hour(HOURLY, next_day, 0)
        assert landed(life, day) == (changes, True)
        assert landed(life, next_day) == (0, False)
    assert failed_runs(life) == {}
    assert_agrees_with_the_source(life)


def made(life: Life, asset: dg.AssetKey) -> float:
    """When an asset was last made."""
    event = life.instance.get_latest_materialization_event(asset)
    return event.timestamp if event else 0.0


def told(life: Life, asset: dg.AssetKey) -> dict[str, Any]:
    """The metadata of what was last made of an asset."""
    event = life.instance.get_latest_materialization_event(asset)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: one.value for name, one in event.asset_materialization.metadata.items()}


def statuses(life: Life, days: list[str]) -> dict[str, AssetPartitionStatus | None]:
    """How the UI shows the days."""
    definition = dg.DailyPartitionsDefinition(start_date=days[0], timezone=HELSINKI.key)
    found = life.instance.get_status_by_partition(CHANGES, days, definition)
    assert found is not None
    return dict(found)


def failed_checks(life: Life, run_id: str) -> list[str]:
    """The checks of a run that did not pass."""
    logs = life.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [e.dagster_event.asset_check_evaluation_data for e in logs if e.dagster_event]
    assert found
    return [one.check_name for one in found if not one.passed]


def failed_runs(life: Life) -> Counter[str]:
    """How often each job has failed."""
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    return Counter(run.job_name for run in life.instance.get_runs(failed))


def landed(life: Life, day: date) -> tuple[int, bool]:
    """The messages of a partition that have landed, and whether it has ended."""
    answer = life.home.run("sql", "-c", LANDED.format(day=day), "--format", "json")
    changes, whole = json.loads(answer).values()
    return changes, whole


def assert_agrees_with_the_source(life: Life) -> None:
    """Whoever is in the register stands there as the source has them."""
    life.home.run("run", "reconcile")
    found = told(life, dg.AssetKey([NAME, "reconciliation"]))
    compared = found["compared"]
    assert isinstance(compared, int)
    assert compared > 250
    assert found["drifted"] == 0
