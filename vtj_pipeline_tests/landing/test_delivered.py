"""A baseline from delivered files, and the ways of a tailored product."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.errors import LandingError, SettingsError
from vtj_pipeline.landing import (
    LandingReport,
    Storage,
    delivered,
    land_baseline,
    land_day,
    landed_batches,
    plan_baseline,
    read_pages,
)
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription, load_subscriptions
from vtj_pipeline_tests.builders import Bench, row
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.landing.listed import person
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    FakeSource,
    basic_data,
    changes,
    cursor,
    weekly_copy,
)
from vtj_pipeline_tests.source.products import CODES, code_list, many_codes, municipality

TAKEN = "2026-11-01"
PEOPLE = [person(code) for code in many_codes(25)]


class Delivery:
    """Files in a folder, and the baseline that takes them."""

    def __init__(
        self, folder: Path, opens: Opens, storage: Storage, database: Database, source: FakeSource
    ) -> None:
        self.folder = folder / "delivered"
        self.folder.mkdir()
        self._opens, self._storage, self._database = opens, storage, database
        source.on(f"kirjausavain/{TAKEN}", cursor(100))

    def put(self, name: str, persons: list[dict[str, Any]], **more: Any) -> None:
        """Deliver a file."""
        document = {"perustiedot": persons, "ajanTasalla": True, "poimintapv": TAKEN, **more}
        given = {key: value for key, value in document.items() if value is not None}
        (self.folder / name).write_text(json.dumps(given, ensure_ascii=False, indent=1), "utf-8")

    def subscription(self, **more: Any) -> Subscription:
        """A tailored product whose baseline was delivered."""
        files = {"baseline": "files", "baseline_files": self.folder / "*.json"}
        return tailored(**files, **more)

    def land(self, subscription: Subscription | None = None, **more: Any) -> LandingReport:
        """Take the baseline."""
        one = subscription or self.subscription()
        return land_baseline(
            one, self._opens(one), self._storage, self._database, run_id="test", **more
        )

    def landed(self) -> list[dict[str, Any]]:
        """The persons that landed, in order."""
        return [
            each
            for batch in landed_batches(self._database)
            for body in read_pages(self._storage, batch)["body"].to_pylist()
            for each in json.loads(body)["perustiedot"]
        ]


def tailored(**more: Any) -> Subscription:
    """Persons by conditions that the source knows."""
    return municipality(
        **{"name": "conditions", "product": "tailored", "municipalities": (), **more}
    )


@pytest.fixture
def delivery(
    tmp_path: Path, opens: Opens, storage: Storage, ready_database: Database, source: FakeSource
) -> Delivery:
    return Delivery(tmp_path, opens, storage, ready_database, source)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of four persons, pages of two."""
    monkeypatch.setattr(delivered, "PERSONS_A_PAGE", 2)
    monkeypatch.setattr(delivered, "PAGES_A_BATCH", 2)


def test_files_land_whole_at_the_cursor_of_their_day(
    delivery: Delivery, source: FakeSource, ledger: Ledger, small: None
) -> None:
    delivery.put("2.json", PEOPLE[10:])
    delivery.put("1.json", PEOPLE[:10])
    (delivery.folder / "readme.txt").write_text("no delivery", "utf-8")
    report = delivery.land()
    assert delivery.landed() == PEOPLE
    assert source.paths() == [f"kirjausavain/{TAKEN}"]
    assert (report.calls, report.batches, report.answered) == (0, 7, 25)
    assert (report.first_cursor, report.last_cursor) == (100, 100)
    assert set(ledger.calls("purpose", "cursor_in", "status")) == {("delivered-file", 100, 0)}
    assert ledger.batches("answered") == [(n,) for n in (4, 4, 2, 4, 4, 4, 3)]
    assert delivery.land().already_done


def test_an_interrupted_delivery_goes_on_with_the_batches_that_are_missing(
    delivery: Delivery, ledger: Ledger, small: None
) -> None:
    delivery.put("1.json", PEOPLE)
    seen: list[int] = []

    def stop(_: str, done: int, total: int | None) -> None:
        seen.append(done)
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivery.land(progress=stop)
    assert len(ledger.batches("file")) == 3
    report = delivery.land(progress=stop)
    assert report.batches == 4
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert delivery.landed() == PEOPLE
    assert ledger.rows("select count(*), count(completed_at) from ledger.baseline_round") == [
        (1, 1)
    ]


def test_delivered_persons_are_published_as_of_their_day(
    delivery: Delivery, storage: Storage, ready_database: Database, settings: Settings
) -> None:
    delivery.put("1.json", PEOPLE)
    delivery.land()
    bench = Bench(ready_database, storage, settings)
    bench.publish()
    rows = bench.query(
        "select count(*), min((recorded_from at time zone 'Europe/Helsinki')::text) "
        "from register.sex where recorded_to is null"
    )
    assert rows == [(25, f"{TAKEN} 00:00:00")]
    assert bench.query("select count(*) from register.scope_member where is_member") == [(25,)]


def test_the_plan_counts_persons_and_asks_nothing(
    delivery: Delivery, opens: Opens, ready_database: Database, source: FakeSource
) -> None:
    delivery.put("1.json", PEOPLE)
    one = delivery.subscription()
    plan = plan_baseline(one, opens(one), ready_database)
    assert (plan.calls, plan.persons, plan.euros) == (1, 25, 0)
    assert "25 persons" in plan.said
    assert source.asked == []


def test_nothing_lands_of_a_delivery_that_is_not_whole(
    delivery: Delivery, source: FakeSource, ledger: Ledger
) -> None:
    delivery.put("1.json", PEOPLE)
    delivery.put("2.json", PEOPLE)
    path = delivery.folder / "2.json"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(LandingError, match=r"2\.json.*breaks off, after 2[0-9] persons"):
        delivery.land()
    assert source.asked == []
    assert ledger.rows("select from ledger.baseline_round") == []


def test_a_file_without_its_day_takes_the_one_that_is_set(
    delivery: Delivery, source: FakeSource, ledger: Ledger
) -> None:
    delivery.put("1.json", PEOPLE, poimintapv=None)
    with pytest.raises(SettingsError, match="baseline_date"):
        delivery.land()
    source.on("kirjausavain/2026-10-31", cursor(77))
    delivery.land(delivery.subscription(baseline_date=date(2026, 10, 31)))
    assert ledger.calls("cursor_in") == [(77,)]


def test_a_pattern_that_fits_nothing_is_named(delivery: Delivery) -> None:
    with pytest.raises(SettingsError, match="fits no file"):
        delivery.land()


def test_whom_the_list_has_and_no_file_is_remembered(
    delivery: Delivery, ledger: Ledger, tmp_path: Path
) -> None:
    delivery.put("1.json", [person(CODES[0]), person(CODES[1])])
    files = {"baseline": "files", "baseline_files": delivery.folder / "*.json"}
    delivery.land(code_list(tmp_path, **files))
    assert ledger.rows("select tietoryhma, count(*) from ledger.not_answered group by 1") == [
        ("", 1)
    ]


def test_patterns_are_relative_to_the_subscriptions_file(tmp_path: Path) -> None:
    (tmp_path / "in [1]").mkdir()
    for name in ("b.json", "a.json", "c.txt"):
        (tmp_path / "in [1]" / name).write_text("{}", "utf-8")
    file = tmp_path / "subscriptions.toml"
    file.write_text(
        '[[subscription]]\nname = "t"\nproduct = "tailored"\nstart_date = 2026-10-01\n'
        'baseline = "files"\nbaseline_files = "in [[]1]/*.json"\n',
        "utf-8",
    )
    [one] = load_subscriptions(file)
    assert [path.name for path in one.delivered_files()] == ["a.json", "b.json"]


def test_a_tailored_product_asks_for_everybody(
    source: FakeSource, opens: Opens, storage: Storage, ready_database: Database
) -> None:
    source.on("perustiedot-vko", weekly_copy(CODES, TAKEN))
    source.on(f"kirjausavain/{TAKEN}", cursor(100))
    one = tailored()
    report = land_baseline(one, opens(one), storage, ready_database, run_id="test")
    assert source.bodies("perustiedot-vko") == [{}]
    assert report.answered == 3
    source.on("kirjausavain/2026-11-04", cursor(400))
    source.on("kirjausavain/2026-11-06", cursor(600))
    source.on("muutokset", changes(600))
    day, today = date(2026, 11, 5), date(2026, 11, 6)
    land_day(one, day, opens(one), storage, ready_database, today=today, run_id="test")
    assert source.bodies("muutokset") == [{"viimeisinKirjausavain": 400}]


def test_a_tailored_product_may_ask_for_its_baseline_by_code(
    source: FakeSource, opens: Opens, storage: Storage, ready_database: Database, tmp_path: Path
) -> None:
    source.on("perustiedot", basic_data(CODES))
    listed = code_list(tmp_path)
    one = tailored(baseline="perustiedot", identity_codes_file=listed.identity_codes_file)
    client = opens(one)
    source.on(_today(), cursor(900))
    land_baseline(one, client, storage, ready_database, run_id="test")
    assert source.bodies("perustiedot") == [{"hetulista": list(CODES)}]
    # Such a list says whose baseline, not who is in scope.
    assert Ledger(ready_database).rows("select from ledger.code_list_version") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"product": "tailored", "baseline": "perustiedot"}, "identity_codes_file"),
        ({"baseline": "files"}, "baseline_files: is needed"),
        ({"baseline_files": "x"}, "belong to baseline files"),
        ({"quota_calls_per_day": 5, "quota_nightly_reserve": 6}, "larger than"),
        ({"quota_nightly_reserve": 1}, "larger than"),
        ({"quota_calls_per_day": 0}, "greater than or equal to 1"),
    ],
)
def test_what_does_not_fit_together_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        municipality(**more)


def test_expected_groups_that_an_answer_lacks_are_remembered_and_settled(
    delivery: Delivery, ledger: Ledger
) -> None:
    whole = [row("SUKUPUOLI", sukupuoli="MIES"), row("SYNTYMAPAIVA")]
    delivery.put("1.json", [person(CODES[0], *whole), person(CODES[1], whole[0])])
    granted = ("SUKUPUOLI", "SYNTYMAPAIVA", "KUOLINPAIVA")
    one = delivery.subscription(granted_groups=granted)
    assert one.expected == ("SYNTYMAPAIVA", "SUKUPUOLI")
    delivery.land(one)
    query = "select tietoryhma, settled_at is null from ledger.not_answered"
    assert ledger.rows(query) == [("SYNTYMAPAIVA", True)]
    delivery.put("1.json", [person(CODES[1], *whole)])
    delivery.land(one, fetch_again=True)
    assert ledger.rows(query) == [("SYNTYMAPAIVA", False)]
    assert delivery.subscription().expected == ()
    assert delivery.subscription(expected_groups=("KOTIKUNTA",)).expected == ("KOTIKUNTA",)


def _today() -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return f"kirjausavain/{datetime.now(ZoneInfo('Europe/Helsinki')).date()}"
