"""What a reconciliation asks, and how its answers are held against the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import (
    ReconcileReport,
    Storage,
    land_reconciliation,
    landed_batches,
)
from vtj_pipeline.landing.reconcile import By
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import Drift, measure_drift, members_to_reconcile
from vtj_pipeline.register.drift import GroupDrift
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.builders import START, Bench, Row, basic, day, message, row
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    Asked,
    FakeSource,
    changes,
    cursor,
    told,
    weekly_copy,
)
from vtj_pipeline_tests.source.products import CODES, code_list, municipality

pytestmark = pytest.mark.slow

A, B, C = CODES
TAKEN = date(2026, 11, 1)
SEX, OTHER_SEX = row("SUKUPUOLI", sukupuoli="MIES"), row("SUKUPUOLI", sukupuoli="NAINEN")
HOME = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))
EVERYBODY = [basic("A", SEX, HOME), basic("B", SEX, HOME), basic("C", SEX, HOME)]


@dataclass
class Site:
    """A register of three persons, and a source that tells of them."""

    source: FakeSource
    opens: Opens
    bench: Bench
    subscription: Subscription

    def live(self, *persons: Row) -> None:
        """What live basic data say."""

        def answer(asked: Asked) -> Any:
            wanted = asked.body["hetulista"]
            found = [one for one in persons if one["henkilotunnus"] in wanted]
            return told({"perustiedot": found, "ajanTasalla": True})

        self.source.on("perustiedot", answer)

    def land(
        self, *, by: By = "perustiedot", everybody: bool = True, **more: Any
    ) -> ReconcileReport:
        """Ask for everybody in scope."""
        return land_reconciliation(
            self.subscription,
            self.opens(self.subscription, **more),
            self.bench.storage,
            self.bench.database,
            members_to_reconcile(self.bench.database, self.subscription.name),
            by=by,
            everybody=everybody,
            run_id="test",
        )

    def drift(self, report: ReconcileReport, **more: Any) -> Drift:
        """Hold what came against the register."""
        bench = self.bench
        extract_events(bench.database, bench.storage, bench.settings)
        return measure_drift(
            bench.database,
            bench.storage,
            bench.settings,
            report.batch_ids,
            changed=report.changed,
            **more,
        )


@pytest.fixture
def begun(
    source: FakeSource,
    opens: Opens,
    storage: Storage,
    ready_database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """A baseline has landed, and nothing is published."""
    monkeypatch.setenv("VTJ_PERSON_KEY", KEY)
    bench = Bench(ready_database, storage, settings)
    bench.land(EVERYBODY, cursor=START, kind="baseline", extraction_date=TAKEN)
    return Site(source, opens, bench, municipality(name="test"))


@pytest.fixture
def site(begun: Site) -> Site:
    """Changes have followed the baseline, and all of it is published."""
    begun.bench.land([], cursor=START + 500)
    begun.bench.publish()
    begun.source.on("muutokset", lambda asked: changes(asked.body["viimeisinKirjausavain"]))
    begun.source.on(f"kirjausavain/{TAKEN}", cursor(START))
    return begun


def test_a_register_that_agrees_has_no_drift(site: Site) -> None:
    site.live(*EVERYBODY)
    report = site.land()
    assert (report.members, report.answered, report.absent, report.calls) == (3, 3, 0, 1)
    drift = site.drift(report)
    assert (drift.compared, drift.drifted, drift.rate) == (3, 0, 0)
    assert drift.groups["SUKUPUOLI"] == GroupDrift(3, 0)
    assert drift.groups["KOTIKUNTA"] == GroupDrift(3, 0)


def test_what_differs_is_counted_by_group_before_it_is_published_and_then_gone(site: Site) -> None:
    elsewhere = row("KOTIKUNTA", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))
    now = (basic("A", OTHER_SEX, elsewhere), basic("B", SEX, elsewhere), EVERYBODY[2])
    site.live(*now)
    before = {name: site.bench.table(name) for name in ("sex", "home_municipality", "person")}
    drift = site.drift(site.land())
    assert (drift.compared, drift.drifted) == (3, 2)
    assert drift.groups["SUKUPUOLI"] == GroupDrift(3, 1)
    assert drift.groups["KOTIKUNTA"] == GroupDrift(3, 2)
    assert drift.groups["KOTIKUNTA"].rate == pytest.approx(2 / 3)
    for name, table in before.items():
        assert site.bench.table(name).equals(table)
    site.bench.publish()
    assert site.bench.current("home_municipality", "municipality_code") == [
        ("091",),
        ("297",),
        ("297",),
    ]
    assert site.drift(site.land()).drifted == 0


def test_a_group_that_is_missing_is_drift_only_where_the_permit_covers_it(site: Site) -> None:
    site.live(basic("A", SEX), *EVERYBODY[1:])
    report = site.land()
    assert site.drift(report).drifted == 0
    granted = {"test": ("SUKUPUOLI", "KOTIKUNTA")}
    assert site.drift(report, granted=granted).groups["KOTIKUNTA"] == GroupDrift(3, 1)


def test_changes_that_landed_and_were_not_published_are_not_hidden(site: Site) -> None:
    """Only what is published is what the register says."""
    change = row("SUKUPUOLI", "MUUTETTU", sukupuoli="NAINEN")
    site.bench.land([message("A", "2026-11-02T08:00:00.000Z", change)], cursor=START + 600)
    site.live(basic("A", OTHER_SEX, HOME), *EVERYBODY[1:])
    assert site.drift(site.land()).drifted == 1
    site.bench.publish()
    assert site.drift(site.land()).drifted == 0


def test_who_changed_after_the_last_landed_change_is_not_compared(
    site: Site, ledger: Ledger
) -> None:
    site.live(basic("A", OTHER_SEX, HOME), basic("B", OTHER_SEX, HOME), EVERYBODY[2])
    later = message("A", datetime.now(UTC).isoformat(), OTHER_SEX)
    site.source.on(
        "muutokset",
        changes(START + 700, [later], caught_up=False),
        changes(START + 800),
    )
    report = site.land()
    # They are asked for from where the chain stands, and nothing of them lands.
    assert [body["viimeisinKirjausavain"] for body in site.source.bodies("muutokset")] == [
        START + 500,
        START + 700,
    ]
    assert {one.kind for one in landed_batches(site.bench.database)[-1:]} == {"reconcile"}
    drift = site.drift(report)
    assert (drift.compared, drift.drifted, drift.changed_meanwhile) == (2, 1, 1)
    said = str(ledger.batches("*")) + str(ledger.calls("*")) + repr(report) + repr(drift)
    assert not [code for code in CODES if code in said]


def test_what_changed_since_a_baseline_that_nothing_landed_after_is_no_drift(begun: Site) -> None:
    """The first days after a baseline: a weekly copy is days old when it comes."""
    begun.bench.publish()
    site, source = begun, begun.source
    source.on(f"kirjausavain/{today_in_finland()}", cursor(START + 5000))
    # Told since the copy was taken, long before today.
    later = message("A", "2026-11-02T08:00:00.000Z", OTHER_SEX)
    source.on(
        "muutokset",
        lambda asked: changes(
            START + 6000, [later] if asked.body["viimeisinKirjausavain"] < START + 100 else []
        ),
    )
    site.live(basic("A", OTHER_SEX, HOME), *EVERYBODY[1:])
    for times in (1, 2):
        # The answers of the first one stand further on in the journal, and tell of three alone.
        report = site.land()
        assert len(source.bodies("muutokset")) == times
        drift = site.drift(report)
        assert (drift.compared, drift.drifted, drift.changed_meanwhile) == (2, 0, 1)


def test_whom_the_answer_leaves_out_is_counted_remembered_and_kept(
    site: Site, ledger: Ledger
) -> None:
    site.live(*EVERYBODY[:2])
    report = site.land()
    assert (report.answered, report.absent) == (2, 1)
    drift = site.drift(report)
    assert (drift.compared, drift.drifted) == (2, 0)
    left_out = "select tietoryhma, settled_at is null from ledger.not_answered"
    assert ledger.rows(left_out) == [("", True)]
    site.bench.publish()
    assert len(site.bench.current("sex", "person_id")) == 3
    site.live(*EVERYBODY)
    assert site.land().absent == 0
    assert ledger.rows(left_out) == [("", False)]


def test_the_weekly_copy_is_asked_by_municipality_and_stands_at_its_day(
    site: Site, ledger: Ledger
) -> None:
    site.source.on(
        "perustiedot-vko",
        weekly_copy([], TAKEN.isoformat()),
        told(
            {
                "perustiedot": [EVERYBODY[0], basic("N", SEX, HOME)],
                "ajanTasalla": True,
                "poimintapv": TAKEN.isoformat(),
            }
        ),
    )
    report = site.land(by="perustiedot-vko")
    assert [body["kuntakoodit"] for body in site.source.bodies("perustiedot-vko")] == [
        ["297"],
        ["091"],
    ]
    assert site.source.bodies("muutokset") == []
    assert (report.members, report.answered, report.absent) == (3, 2, 2)
    # Somebody whom the register does not know at all is drift.
    assert (site.drift(report).compared, site.drift(report).drifted) == (2, 1)
    rows = ledger.rows("select cursor_in from ledger.call order by batch_id desc limit 2")
    assert rows == [(START,), (START,)]


@pytest.mark.parametrize("everybody", [True, False])
def test_a_copy_that_is_younger_than_what_has_landed_is_not_held_against_it(
    site: Site, everybody: bool
) -> None:
    """After days on which nothing was fetched the copy knows more than the register can."""
    younger = date(2026, 11, 9)
    site.source.on(f"kirjausavain/{younger}", cursor(START + 5000))
    later = message("A", "2026-11-05T08:00:00.000Z", OTHER_SEX)
    site.source.on("muutokset", changes(START + 6000, [later]))
    now = [basic("A", OTHER_SEX, HOME), basic("B", OTHER_SEX, HOME), EVERYBODY[2]]

    def copy(asked: Asked) -> Any:
        persons = now if "297" in asked.body.get("kuntakoodit", ["297"]) else []
        taken = younger.isoformat()
        return told({"perustiedot": persons, "ajanTasalla": True, "poimintapv": taken})

    site.source.on("perustiedot-vko", copy)
    report = site.land(by="perustiedot-vko", everybody=everybody)
    assert report.last_cursor == START + 5000
    drift = site.drift(report)
    assert (drift.compared, drift.drifted, drift.changed_meanwhile) == (2, 1, 1)


def test_a_copy_that_says_the_same_earlier_is_no_drift(site: Site) -> None:
    """A live answer repaired it; a copy that stands before that answer tells it once more."""
    now = [basic("A", OTHER_SEX, HOME), *EVERYBODY[1:]]
    site.live(*now)
    assert site.drift(site.land()).drifted == 1
    site.bench.publish()
    day_of_copy = date(2026, 11, 9)
    site.source.on(f"kirjausavain/{day_of_copy}", cursor(START + 550))
    taken = day_of_copy.isoformat()
    copy = told({"perustiedot": now, "ajanTasalla": True, "poimintapv": taken})
    site.source.on("perustiedot-vko", copy)
    drift = site.drift(site.land(by="perustiedot-vko", everybody=False))
    assert (drift.compared, drift.drifted) == (3, 0)


def test_a_code_list_asks_for_changes_of_its_members_alone(site: Site, tmp_path: Path) -> None:
    site.subscription = code_list(tmp_path, name="test")
    site.live(*EVERYBODY)
    site.land()
    [body] = site.source.bodies("muutokset")
    assert sorted(body["hetulista"]) == sorted(CODES)


def test_price_above_the_ceiling_stops_before_the_first_call(site: Site) -> None:
    with pytest.raises(PermanentError, match=r"reconciliation of test asks for 3 persons"):
        site.land(baseline_max_euros=0.01)
    assert site.source.asked == []


def test_a_sample_is_chosen_by_the_seed_alone(site: Site) -> None:
    def chosen(sample: int | None, seed: int) -> list[str]:
        found = members_to_reconcile(site.bench.database, "test", sample=sample, seed=seed)
        return [one.identity_code for one in found]

    assert set(chosen(None, 1)) == set(CODES)
    assert chosen(2, 1) == chosen(2, 1) == chosen(None, 1)[:2]
    assert len({tuple(chosen(None, seed)) for seed in range(20)}) > 1


def test_a_copy_is_not_asked_for_who_came_after_it(site: Site) -> None:
    def known(before: date) -> int:
        return len(members_to_reconcile(site.bench.database, "test", known_before=before))

    assert known(TAKEN) == 0
    assert known(date(2026, 11, 2)) == 3
