"""The checks of landing and the status: what they say of a ledger, and when they call for help."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.clock import HELSINKI, today_in_finland
from vtj_pipeline.commands import query
from vtj_pipeline.landing.holidays import is_holiday
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.landing_checks import AGE, ANSWERED, CHAIN, COMPLETE, VOLUME
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.landing.ledger_rows import LedgerRows
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.source.products import municipality

pytestmark = pytest.mark.slow

TODAY = today_in_finland()
START = TODAY - timedelta(days=12)


@dataclass
class Site:
    """A ledger written by hand, and the real checks on it."""

    deployment: Deployment
    instance: dg.DagsterInstance
    rows: LedgerRows

    def landed(self, ago: int, first: int, last: int, **more: Any) -> None:
        """A day of changes, so many days ago."""
        # As a range that was landed in one go afterwards.
        at = datetime.combine(TODAY, time(), HELSINKI)
        day = TODAY - timedelta(days=ago)
        self.rows.landed(day, first, last, at=at, run_id=f"run-{ago}", **more)

    def fill(self, table: str, row: tuple[Any, ...]) -> None:
        self.rows.fill(table, row)

    def checked(self) -> dict[str, dg.AssetCheckEvaluation]:
        """The evaluations of the job that runs every morning."""
        job = build_definitions(self.deployment).resolve_job_def("towns_proof")
        result = job.execute_in_process(instance=self.instance)
        assert result.success
        return {one.check_name: one for one in result.get_asset_check_evaluations()}

    def executed_by_hand(self, key: dg.AssetCheckKey) -> list[str]:
        """The names of the checks that run when one is executed alone."""
        job = dg.define_asset_job("by_hand", dg.AssetSelection.checks(key))
        one = dg.Definitions.merge(build_definitions(self.deployment), dg.Definitions(jobs=[job]))
        result = one.resolve_job_def("by_hand").execute_in_process(instance=self.instance)
        return [each.check_name for each in result.get_asset_check_evaluations()]


@pytest.fixture
def site(ready_database: Database, settings: Settings) -> Iterator[Site]:
    home = share_manifest(settings.home)
    ours = Settings(home=home, person_key=settings.person_key, postgres_url=ready_database.url)
    # A run of all tests may go on past midnight.
    noon = datetime.combine(TODAY, time(12), HELSINKI)
    deployment = Deployment(ours, (municipality(start_date=START),), lambda: noon)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Site(deployment, instance, LedgerRows(ready_database))


def said(check: dg.AssetCheckEvaluation) -> tuple[bool, str]:
    return check.passed, check.severity.name


def test_a_whole_young_chain_passes_and_every_check_says_what_to_do(site: Site) -> None:
    for ago in range(12, 0, -1):
        site.landed(ago, -100 * ago + 10_000, -100 * ago + 10_100)
    checks = site.checked()
    assert set(checks) == {CHAIN, AGE, ANSWERED, COMPLETE, VOLUME}
    assert [name for name, one in checks.items() if not one.passed] == []
    assert "12 days" in (checks[CHAIN].description or "")
    assert checks[CHAIN].metadata["last_proven_run"].value == "run-1"
    assert checks[COMPLETE].description == "12 of 12 days have landed whole."
    assert "is not judged" in (checks[VOLUME].description or "")
    definitions = build_definitions(site.deployment)
    graph = definitions.resolve_asset_graph()
    specs = [spec for one in definitions.asset_checks or () for spec in one.check_specs]
    assert set(checks) <= {spec.name for spec in specs}
    for spec in specs:
        assert "What to do" in (spec.description or "")
        assert not spec.blocking
        # Else the UI does not let it be executed by hand.
        assert len(graph.get_execution_set_asset_and_check_keys(spec.key)) <= 1
        if spec.name in (CHAIN, AGE):
            assert site.executed_by_hand(spec.key) == [spec.name]


@pytest.mark.parametrize(
    ("ago", "passed", "severity"),
    [(1, True, "WARN"), (3, False, "WARN"), (7, False, "WARN"), (8, False, "ERROR")],
)
def test_the_age_of_the_cursor_warns_and_then_is_an_error(
    site: Site, ago: int, passed: bool, severity: str
) -> None:
    for each in range(12, ago - 1, -1):
        site.landed(each, -100 * each + 10_000, -100 * each + 10_100)
    age = site.checked()[AGE]
    assert said(age) == (passed, severity)
    days = age.metadata["days"].value
    assert isinstance(days, float)
    # It stands at the end of its day, however late that was landed.
    assert ago - 1 <= days <= ago + 0.1


def test_nothing_landed_grows_old_with_the_first_day(site: Site) -> None:
    checks = site.checked()
    assert said(checks[AGE]) == (False, "ERROR")
    assert "nothing has landed yet" in (checks[AGE].description or "")
    assert said(checks[COMPLETE]) == (False, "WARN")
    site.deployment = replace(site.deployment, subscriptions=(municipality(start_date=TODAY),))
    checks = site.checked()
    assert checks[AGE].passed and checks[COMPLETE].passed


def test_a_break_is_an_error_that_names_day_and_cursors(site: Site) -> None:
    for ago in (12, 11, 10, 5, 4, 3, 2, 1):
        site.landed(ago, -100 * ago + 10_000, -100 * ago + 10_100)
    chain = site.checked()[CHAIN]
    assert said(chain) == (False, "ERROR")
    assert chain.metadata["breaks"].value == 4
    day = date.isoformat(TODAY - timedelta(days=9))
    assert f"{day}: nothing has landed, between cursor 9100 and 9500" in (chain.description or "")


def test_days_to_fetch_are_told_from_those_that_are_lost(site: Site) -> None:
    site.deployment = replace(
        site.deployment, subscriptions=(municipality(start_date=TODAY - timedelta(days=17)),)
    )
    for ago in (17, 14, 13, 12, 11, 6, 5, 4, 3):
        site.landed(ago, -100 * ago + 10_000, -100 * ago + 10_100)
    complete = site.checked()[COMPLETE]
    assert said(complete) == (False, "WARN")
    one, ten, seven, two, lost, last = (
        TODAY - timedelta(days=ago) for ago in (1, 10, 7, 2, 16, 15)
    )
    assert complete.description == (
        f"6 days to fetch: {ten} to {seven}, {two} to {one}; "
        f"2 days that the source no longer keeps: {lost} to {last}"
    )
    counts = {name: value.value for name, value in complete.metadata.items()}
    assert counts == {"days": 17, "whole": 9, "made_up_for": 0, "to_fetch": 6, "too_late": 2}


@pytest.mark.parametrize("weeks", [5, 6])
def test_a_day_of_few_messages_is_told(site: Site, weeks: int) -> None:
    first = 7 * weeks + 2
    site.deployment = replace(
        site.deployment, subscriptions=(municipality(start_date=TODAY - timedelta(days=first)),)
    )
    for ago in range(first, 0, -1):
        messages = 900 if ago > 1 else 3
        site.landed(ago, -100 * ago + 10_000, -100 * ago + 10_100, answered=messages)
    volume = site.checked()[VOLUME]
    assert volume.severity is dg.AssetCheckSeverity.WARN
    assert volume.metadata["messages"].value == 3
    assert volume.passed == is_holiday(TODAY - timedelta(days=1))
    assert "3 messages on" in (volume.description or "")
    assert "usual are 900" in (volume.description or "")


def test_persons_and_groups_left_out_are_counted_and_not_named(site: Site) -> None:
    site.landed(1, 0, 1)
    person = "11111111-1111-1111-1111-111111111111"
    at = datetime.now(HELSINKI)
    for group in ("", "SUKUPUOLI"):
        columns = "subscription, person_id, tietoryhma, first_asked_at, last_asked_at, batch_id"
        site.fill(f"ledger.not_answered ({columns})", ("towns", person, group, at, at, 1))
    answered = site.checked()[ANSWERED]
    assert said(answered) == (False, "WARN")
    assert answered.description == "1 persons asked for and not answered; SUKUPUOLI of 1."
    assert answered.metadata["groups"].value == {"SUKUPUOLI": 1}
    assert person not in str(answered)


def test_the_status_says_the_same(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "load_deployment", lambda: site.deployment)
    for ago in (12, 11, 10, 5):
        site.landed(ago, -100 * ago + 10_000, -100 * ago + 10_100)
    site.fill("ledger.quota_day", ("towns", TODAY, 17))
    query.run_status(as_json=True)
    [chain] = json.loads(capsys.readouterr().out)["chain"]
    assert (chain["subscription"], chain["unbroken"], chain["days_whole"]) == ("towns", False, 4)
    assert (chain["cursor"], chain["last_proven_run"]) == (9100, "run-10")
    assert chain["proven_until"] == (TODAY - timedelta(days=10)).isoformat()
    assert (chain["cursor_age"], chain["days_behind"], chain["calls_today"]) == ("error", 4, 17)
    assert len(chain["breaks"]) == 4
    query.run_status(as_json=False)
    plain = capsys.readouterr().out
    assert "unbroken False" in plain and "between cursor 9100 and 9500" in plain
