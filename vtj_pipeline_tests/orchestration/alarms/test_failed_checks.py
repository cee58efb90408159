"""Alarms of checks: told once, again when they stay, and when they are over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
)

from vtj_pipeline.orchestration.alarms.sensors import CHECKS
from vtj_pipeline.orchestration.landing_checks import AGE
from vtj_pipeline_tests.orchestration.alarms.conftest import HOOK, UI, Watch
from vtj_pipeline_tests.source.fake_source import told

pytestmark = pytest.mark.slow

CODE = "010190-999F"
PASSES, WARNS, FAILS = None, dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
_numbers = count(1)


@dataclass
class Asset:
    """An asset of a test's own, with checks that find what they are told to."""

    watch: Watch
    names: tuple[str, ...] = ("chain",)
    description: str | None = "Fails if days are missing. What to do: land them."
    key: dg.AssetKey = field(default_factory=lambda: dg.AssetKey(["towns", f"a{next(_numbers)}"]))

    def __post_init__(self) -> None:
        self.watch.specs = [
            dg.AssetCheckSpec(name, asset=self.key, description=self.description)
            for name in self.names
        ]

    @property
    def name(self) -> str:
        return self.key.to_user_string()

    def run(self, *severities: dg.AssetCheckSeverity | None) -> str:
        """Run the checks, which pass or fail in their order; the run's id."""
        found = zip(self.watch.specs, severities, strict=True)

        @dg.multi_asset_check(name="checks", specs=list(self.watch.specs))
        def checks() -> Iterator[dg.AssetCheckResult]:
            for spec, severity in found:
                yield dg.AssetCheckResult(**_result(spec, severity, "3 days"))

        job = dg.Definitions(
            asset_checks=[checks],
            jobs=[dg.define_asset_job("proof", dg.AssetSelection.all_asset_checks())],
            executor=dg.in_process_executor,
        ).resolve_job_def("proof")
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        return job.execute_in_process(quiet, instance=self.watch.instance).run_id

    def find(self, *severities: dg.AssetCheckSeverity | None, said: str = "3 days") -> None:
        """What the checks would have found; a run for each would take its time."""
        for spec, severity in zip(self.watch.specs, severities, strict=True):
            found = dg.AssetCheckEvaluation(**_result(spec, severity, said))
            self.watch.instance.report_runless_asset_event(found)

    def plan(self) -> None:
        """As a run that has begun and whose checks have not come yet."""
        run = self.watch.instance.create_run_for_job(
            dg.JobDefinition(name="later", graph_def=dg.GraphDefinition(name="later")),
            status="STARTED",
        )
        for spec in self.watch.specs:
            planned = AssetCheckEvaluationPlanned(asset_key=spec.asset_key, check_name=spec.name)
            event = dg.DagsterEvent(
                "ASSET_CHECK_EVALUATION_PLANNED", "later", event_specific_data=planned
            )
            self.watch.instance.report_dagster_event(event, run.run_id)


def _result(
    spec: dg.AssetCheckSpec, severity: dg.AssetCheckSeverity | None, said: str
) -> dict[str, Any]:
    return {
        "passed": severity is None,
        "asset_key": spec.asset_key,
        "check_name": spec.name,
        "severity": severity or FAILS,
        "description": said,
        "metadata": {"breaks": 3, "days": 1.5, "cursor": "x", "dagster_dbt/failed_row_count": 7},
    }


def test_a_check_is_told_when_it_fails_and_when_it_passes_again(watch: Watch) -> None:
    asset = Asset(watch)
    asset.run(PASSES)
    watch.tick(CHECKS)
    assert watch.subjects == []
    run = asset.run(FAILS)
    assert watch.tick(CHECKS) == "2 messages sent."
    assert watch.subjects == [f"ERROR: Check failed: {asset.name} chain"]
    [posted] = watch.posted
    assert (posted["what"], posted["to_do"]) == ("3 days", "land them.")
    assert posted["counts"] == {"breaks": 3, "days": 1.5, "dagster_dbt/failed_row_count": 7}
    assert (posted["run_id"], posted["is_over"]) == (run, False)
    assert posted["link"] == f"{UI}/assets/{asset.name}?view=checks&checkDetail=chain"
    # Evaluated again and found the same: nobody is told again.
    asset.find(FAILS)
    assert watch.tick(CHECKS) == "Nothing to tell."
    asset.find(PASSES)
    watch.tick(CHECKS)
    assert watch.subjects == [f"OK: Check passes again: {asset.name} chain"]
    [over] = watch.posted
    assert over["incidents"] == posted["incidents"] and over["is_over"]
    assert watch.tick(CHECKS) == "Nothing to tell."
    # A new failure is news.
    asset.find(FAILS)
    watch.tick(CHECKS)
    [anew] = watch.posted
    assert anew["id"] != posted["id"]


def test_what_fails_when_the_sensor_begins_is_told(watch: Watch) -> None:
    asset = Asset(watch)
    asset.find(WARNS)
    watch.tick(CHECKS)
    assert watch.subjects == [f"WARN: Check failed: {asset.name} chain"]


def test_a_failure_that_gets_worse_or_better_is_news(watch: Watch) -> None:
    asset = Asset(watch)
    for severity in (WARNS, FAILS, WARNS):
        asset.find(severity)
        watch.tick(CHECKS)
    assert [one.partition(":")[0] for one in watch.subjects] == ["WARN", "ERROR", "WARN"]


def test_a_failure_that_stays_is_told_again_after_the_hours_that_are_set(watch: Watch) -> None:
    asset = Asset(watch)
    watch.settings = watch.settings.model_copy(update={"alarm_repeat_hours": 2.0})
    asset.find(FAILS)
    watch.tick(CHECKS)
    first = watch.now
    watch.now = first + timedelta(minutes=119)
    assert watch.tick(CHECKS) == "Nothing to tell."
    # Nothing need run for it.
    for hours in (2, 4):
        watch.now = first + timedelta(hours=hours)
        watch.tick(CHECKS)
    assert watch.subjects == [
        f"ERROR: Check failed: {asset.name} chain",
        f"ERROR: Check still fails: {asset.name} chain",
        f"ERROR: Check still fails: {asset.name} chain",
    ]
    assert len({one["id"] for one in watch.posted}) == 3


def test_a_check_that_is_under_way_counts_as_it_was(watch: Watch) -> None:
    asset = Asset(watch)
    asset.find(FAILS)
    asset.plan()
    watch.tick(CHECKS)
    assert watch.subjects == [f"ERROR: Check failed: {asset.name} chain"]
    asset.plan()
    assert watch.tick(CHECKS) == "Nothing to tell."


def test_a_failure_that_is_over_before_anybody_looked_is_not_told(watch: Watch) -> None:
    asset = Asset(watch)
    watch.tick(CHECKS)
    asset.find(FAILS)
    asset.find(PASSES)
    assert watch.tick(CHECKS) == "Nothing to tell."


def test_many_at_once_are_one_message_the_worst_first(watch: Watch) -> None:
    asset = Asset(watch, tuple(f"c{number}" for number in range(22)))
    asset.find(*[WARNS] * 21, FAILS)
    watch.tick(CHECKS)
    assert watch.subjects == ["ERROR: 22 checks fail"]
    [posted] = watch.posted
    assert posted["what"].startswith(f"ERROR {asset.name} c21; WARN {asset.name} c0; ")
    assert posted["what"].endswith("; and 2 more")
    assert posted["counts"] == {"ERROR": 1, "WARN": 21}
    assert len(posted["incidents"]) == 22
    asset.find(PASSES, *[WARNS] * 20, FAILS)
    watch.tick(CHECKS)
    assert watch.subjects == [f"OK: Check passes again: {asset.name} c0"]
    assert watch.posted[0]["incidents"][0] in posted["incidents"]
    asset.find(*[PASSES] * 22)
    watch.tick(CHECKS)
    assert watch.subjects == ["OK: 21 checks pass again"]


def test_a_check_that_is_no_more_is_forgotten(watch: Watch) -> None:
    asset = Asset(watch)
    asset.find(FAILS)
    watch.tick(CHECKS)
    watch.specs = []
    watch.now += timedelta(days=30)
    assert watch.tick(CHECKS) == "Nothing to tell."
    assert json.loads(watch.cursor or "") == {"email": {}, "webhook": {}}


def test_of_checks_that_are_not_ours_only_the_failed_rows_are_told(watch: Watch) -> None:
    """dbt may quote what it found."""
    asset = Asset(watch, description="municipality_code is not null")
    asset.find(FAILS, said=f"Got {CODE}")
    watch.tick(CHECKS)
    [posted] = watch.posted
    assert posted["what"] == "It failed." and posted["counts"] == {"rows": 7}
    assert posted["to_do"].startswith("Open the check in the UI")
    assert CODE not in json.dumps(posted) + str(watch.box.messages[0])


def test_the_age_of_the_cursor_is_left_to_its_own_sensor(watch: Watch) -> None:
    asset = Asset(watch, (AGE,))
    asset.find(FAILS)
    assert watch.tick(CHECKS) == "Nothing to tell."


def test_only_checks_that_are_watched_are_told(watch: Watch) -> None:
    """Though others have their assets' and their names."""
    first, second = Asset(watch, ("one", "two")), Asset(watch, ("one", "two"))
    for asset in (first, second):
        watch.specs = [dg.AssetCheckSpec(name, asset=asset.key) for name in asset.names]
        asset.find(FAILS, FAILS)
    watch.specs = [
        dg.AssetCheckSpec("one", asset=first.key),
        dg.AssetCheckSpec("two", asset=second.key),
    ]
    watch.tick(CHECKS)
    assert sorted(watch.subjects) == sorted(
        f"ERROR: Check failed: {name}" for name in (f"{first.name} one", f"{second.name} two")
    )


def test_who_could_not_be_told_is_told_how_it_is_by_then(watch: Watch) -> None:
    asset = Asset(watch, ("one", "two"))
    watch.tick(CHECKS)
    watch.server.on(HOOK, told({}, status=404))
    asset.find(FAILS, FAILS)
    assert "Not sent" in watch.tick(CHECKS)
    assert len(watch.subjects) == 2
    asset.find(PASSES, FAILS)
    watch.server.asked.clear()
    watch.server.on(HOOK, told({}))
    watch.tick(CHECKS)
    assert watch.subjects == [f"OK: Check passes again: {asset.name} one"]
    # It never said that the first one failed.
    assert [one["title"] for one in watch.posted] == [f"Check failed: {asset.name} two"]


@pytest.mark.parametrize("hour", [0, 12])
def test_the_instant_is_that_of_the_evaluation(watch: Watch, hour: int) -> None:
    asset = Asset(watch)
    before = datetime.now(UTC).replace(microsecond=0)
    asset.find(FAILS)
    watch.now += timedelta(hours=hour)
    watch.tick(CHECKS)
    assert before <= datetime.fromisoformat(watch.posted[0]["at"]) <= datetime.now(UTC)
