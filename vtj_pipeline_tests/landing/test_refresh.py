"""The refresh: who is asked for, in which batches, and what the ledger remembers of it."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from psycopg2.errors import CheckViolation
from psycopg2.extras import execute_values

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.errors import PermanentError, SourceUnavailable
from vtj_pipeline.landing import (
    RefreshCandidate,
    RefreshReport,
    Storage,
    land_day,
    land_refresh,
    landed_batches,
    read_pages,
)
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import refresh_candidates
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    Asked,
    FakeSource,
    Told,
    basic_data,
    changes,
    cursor,
    told,
)
from vtj_pipeline_tests.source.products import CODES, many_codes, municipality

NAME = "towns"
HELSINKI = ZoneInfo("Europe/Helsinki")
RECORDED = datetime(2026, 1, 5, 8, tzinfo=UTC)
TODAY = today_in_finland()


def of_today() -> str:
    """The call for today's cursor; a run of all tests may go on past midnight."""
    return f"kirjausavain/{today_in_finland()}"


class Queue:
    """The register's side, written by hand: persons, their scope, their requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def persons(self, codes: tuple[str, ...] = CODES, *, member: bool = True) -> list[str]:
        """Persons of the subscription with these codes; returns their person_ids."""
        ids = [str(UUID(int=number)) for number in range(1, len(codes) + 1)]
        people = [(i, c, True, False, RECORDED, RECORDED) for i, c in zip(ids, codes, strict=True)]
        self.fill("register.person", people)
        self.fill("register.scope_member", [(NAME, i, member, RECORDED, RECORDED) for i in ids])
        return ids

    def request(
        self, *persons: str, reason: str = "new_in_scope", recorded: datetime = RECORDED
    ) -> None:
        """A request for each person."""
        self.fill("register.refresh_request", [(person, reason, recorded) for person in persons])

    def protect(self, person: str, ends_on: date | None, *, active: bool = True) -> None:
        """A protection order as known now."""
        columns = "(row_id, person_id, recorded_from, is_active, ends_on)"
        row = (person, person, RECORDED, active, ends_on)
        self.fill(f"register.protection_order {columns}", [row])

    def fill(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Rows into a table."""
        connection = self._database.connect()
        try:
            with connection, connection.cursor() as at:
                execute_values(at, f"insert into {table} values %s", rows)
        finally:
            connection.close()

    def due(self, today: date = TODAY) -> list[RefreshCandidate]:
        """Who is to be asked for on a day."""
        return refresh_candidates(self._database, NAME, today)


class Lands(Protocol):
    """Asks for who is due on a day, with a client of its own; settings by name."""

    def __call__(
        self,
        today: date = TODAY,
        *,
        max_euros: float | None = None,
        subscription: Subscription | None = None,
        **settings: Any,
    ) -> RefreshReport: ...


@pytest.fixture
def queue(ready_database: Database) -> Queue:
    """The register of the test's database."""
    return Queue(ready_database)


@pytest.fixture
def lands(opens: Opens, storage: Storage, ready_database: Database) -> Lands:
    def land(
        today: date = TODAY,
        *,
        max_euros: float | None = None,
        subscription: Subscription | None = None,
        **settings: Any,
    ) -> RefreshReport:
        chosen = subscription or municipality(name=NAME)
        return land_refresh(
            chosen,
            opens(chosen, **{"api_attempts": 1, **settings}),
            storage,
            ready_database,
            refresh_candidates(ready_database, chosen.name, today),
            run_id="test",
            max_euros=max_euros,
        )

    return land


def _all(asked: Asked) -> Told:
    return basic_data(asked.body["hetulista"])


@pytest.fixture(autouse=True)
def _live(source: FakeSource) -> None:
    source.on("perustiedot", _all)
    source.on(of_today(), cursor(900))


def test_only_members_with_a_request_are_due(queue: Queue, ready_database: Database) -> None:
    first, second, _ = queue.persons()
    queue.request(first, second)
    queue.fill("register.scope_member", [("other", first, True, RECORDED, RECORDED)])
    assert [one.person_id for one in queue.due()] == [first, second]
    assert [one.person_id for one in refresh_candidates(ready_database, "other", TODAY)] == [first]


def test_who_left_the_scope_is_not_asked_for(queue: Queue) -> None:
    queue.request(*queue.persons(member=False))
    assert queue.due() == []


def test_a_person_is_due_once_with_the_most_pressing_reason(queue: Queue) -> None:
    first, second, third = queue.persons()
    queue.request(first, reason="quarantine")
    queue.request(first, third, reason="anomaly")
    queue.request(second, third, reason="code_changed")
    assert [(one.person_id, one.reason, one.identity_code) for one in queue.due()] == [
        (second, "code_changed", CODES[1]),
        (third, "code_changed", CODES[2]),
        (first, "anomaly", CODES[0]),
    ]
    assert [request.reason for request in queue.due()[2].requests] == ["anomaly", "quarantine"]


def test_a_protection_past_its_end_is_due_from_the_day_after(queue: Queue) -> None:
    first, second, third = queue.persons()
    queue.protect(first, date(2026, 3, 1))
    queue.protect(second, date(2026, 3, 1), active=False)
    queue.protect(third, None)
    assert queue.due(date(2026, 3, 1)) == []
    [due] = queue.due(date(2026, 3, 2))
    assert (due.person_id, due.reason) == (first, "protection_past_end")
    assert due.requests[0].recorded_at == datetime(2026, 3, 2, tzinfo=HELSINKI)


def test_a_protection_past_its_end_is_asked_for_until_an_answer_comes(
    queue: Queue, lands: Lands, source: FakeSource
) -> None:
    first, *_ = queue.persons()
    queue.protect(first, date(2026, 3, 1))
    source.on("perustiedot", basic_data([]))
    assert lands().answered == 0
    week = TODAY + timedelta(days=7)
    source.on("perustiedot", _all)
    assert lands(week).answered == 1
    assert queue.due(week + timedelta(days=400)) == []


def test_more_persons_than_a_call_may_name_are_asked_for_in_batches(
    queue: Queue,
    lands: Lands,
    source: FakeSource,
    ledger: Ledger,
    storage: Storage,
    ready_database: Database,
) -> None:
    codes = many_codes(2003)
    queue.request(*queue.persons(codes))
    report = lands()
    lists = [body["hetulista"] for body in source.bodies("perustiedot")]
    assert [len(one) for one in lists] == [1000, 1000, 3]
    assert sorted(code for one in lists for code in one) == sorted(codes)
    assert (report.kind, report.calls, report.batches) == ("refresh", 3, 3)
    assert (report.asked, report.answered, report.already_done) == (2003, 2003, False)
    assert ledger.batches("kind", "asked", "answered", "partition_day") == [
        ("refresh", 1000, 1000, None),
        ("refresh", 1000, 1000, None),
        ("refresh", 3, 3, None),
    ]
    for batch in landed_batches(ready_database):
        [page] = read_pages(storage, batch).to_pylist()
        assert (page["kind"], page["purpose"], page["cursor_in"]) == ("refresh", "perustiedot", 900)


def test_nobody_due_asks_nothing(lands: Lands, source: FakeSource) -> None:
    report = lands()
    assert (report.calls, report.asked, report.already_done) == (0, 0, True)
    assert source.asked == []


def test_two_persons_of_one_code_are_asked_for_once(
    queue: Queue, lands: Lands, source: FakeSource
) -> None:
    queue.request(*queue.persons((CODES[0], CODES[0])))
    assert lands().answered == 2
    assert source.bodies("perustiedot") == [{"hetulista": [CODES[0]]}]


def test_answers_stand_behind_the_last_landed_change(
    queue: Queue,
    lands: Lands,
    source: FakeSource,
    opens: Opens,
    storage: Storage,
    ready_database: Database,
) -> None:
    day = TODAY - timedelta(days=2)
    for at, number in ((-1, 300), (0, 400), (1, 500)):
        source.on(f"kirjausavain/{day + timedelta(days=at)}", cursor(number))
    source.on("muutokset", changes(480))
    chosen = municipality(name=NAME)
    land_day(chosen, day, opens(chosen), storage, ready_database, today=TODAY, run_id="test")
    queue.request(*queue.persons())
    assert lands().first_cursor == 480
    assert of_today() not in source.paths()


def test_before_any_change_answers_stand_at_the_cursor_known_before_asking(
    queue: Queue, lands: Lands, source: FakeSource
) -> None:
    queue.request(*queue.persons())
    assert lands().last_cursor == 900
    assert source.paths() == [of_today(), "perustiedot"]


def test_who_was_missing_from_the_answer_is_asked_for_again_after_a_week(
    queue: Queue, lands: Lands, source: FakeSource, ledger: Ledger
) -> None:
    _, silent, _ = queue.persons()
    queue.request(silent, reason="anomaly")
    queue.request(*(str(UUID(int=number)) for number in (1, 2, 3)))
    source.on("perustiedot", basic_data([CODES[2], CODES[0]]))
    report = lands()
    assert (report.asked, report.answered, report.reasons) == (3, 2, {"new_in_scope": 3})
    assert ledger.rows(
        "select person_id::text, reason, recorded_at from ledger.refresh_asked "
        "where not was_answered order by reason"
    ) == [(silent, "anomaly", RECORDED), (silent, "new_in_scope", RECORDED)]
    assert [queue.due(TODAY + timedelta(days=days)) for days in (0, 6)] == [[], []]
    again = [one.person_id for one in queue.due(TODAY + timedelta(days=7))]
    assert silent in again


def test_a_new_request_does_not_wait_for_the_week(queue: Queue, lands: Lands) -> None:
    first, *_ = queue.persons()
    queue.request(first)
    lands()
    queue.request(first, reason="code_changed", recorded=RECORDED + timedelta(days=1))
    assert [one.reason for one in queue.due()] == ["new_in_scope"]
    assert lands().asked == 1
    assert queue.due() == []


def test_an_answer_to_another_subscription_settles_a_request(
    queue: Queue, lands: Lands, source: FakeSource
) -> None:
    first, second, _ = queue.persons()
    queue.request(first, second)
    rows = [("other", person, True, RECORDED, RECORDED) for person in (first, second)]
    queue.fill("register.scope_member", rows)
    source.on("perustiedot", basic_data([CODES[0]]))
    lands(subscription=municipality(name="other"))
    assert [one.person_id for one in queue.due()] == [second]


def test_a_refresh_that_broke_off_is_followed_by_one_that_asks_for_the_rest(
    queue: Queue, lands: Lands, source: FakeSource, ledger: Ledger
) -> None:
    queue.request(*queue.persons(many_codes(2003)))
    source.on("perustiedot", _all, Told(b"", status=503))
    with pytest.raises(SourceUnavailable):
        lands()
    assert ledger.rows("select count(*) from ledger.refresh_asked") == [(1000,)]
    source.on("perustiedot", _all)
    report = lands()
    assert (report.calls, report.asked, report.answered) == (2, 1003, 1003)
    persons = "select count(*), count(distinct person_id) from ledger.refresh_asked"
    assert ledger.rows(persons) == [(2003, 2003)]


def test_a_batch_and_whom_it_asked_for_are_one_transaction(
    queue: Queue, lands: Lands, ledger: Ledger, ready_database: Database
) -> None:
    queue.request(*queue.persons())
    connection = ready_database.connect()
    with connection, connection.cursor() as at:
        at.execute("alter table ledger.refresh_asked add constraint no check (not was_answered)")
    with pytest.raises(CheckViolation):
        lands()
    assert ledger.batches("file") == []
    with connection, connection.cursor() as at:
        at.execute("alter table ledger.refresh_asked drop constraint no")
    connection.close()
    assert lands().answered == 3


def test_an_answer_with_a_person_without_code_lands_and_answers_nobody(
    queue: Queue, lands: Lands, source: FakeSource, ledger: Ledger
) -> None:
    queue.request(*queue.persons())
    source.on("perustiedot", told({"perustiedot": [{"tietoryhmat": []}], "ajanTasalla": True}))
    assert (lands().answered, len(ledger.batches("file"))) == (0, 1)


@pytest.mark.parametrize(
    ("setting", "parameter"), [(0.02, None), (1_000, 0.02)], ids=["setting", "parameter"]
)
def test_price_above_the_ceiling_stops_before_the_first_call(
    queue: Queue, lands: Lands, source: FakeSource, setting: float, parameter: float | None
) -> None:
    queue.request(*queue.persons())
    with pytest.raises(PermanentError, match=r"3 persons.*0\.03 euros.*allows 0\.02"):
        lands(baseline_max_euros=setting, max_euros=parameter)
    assert source.asked == []
    assert lands(baseline_max_euros=setting, max_euros=0.04).answered == 3


def test_no_code_is_logged_or_kept_beside_the_answers(
    queue: Queue, lands: Lands, ledger: Ledger, caplog: pytest.LogCaptureFixture, storage: Storage
) -> None:
    queue.request(*queue.persons())
    with caplog.at_level(logging.DEBUG):
        report = lands()
    names = [str(path) for path in Path(storage.root).rglob("*")]
    kept = [
        ledger.rows(f"select * from ledger.{table}")
        for table in ("landing_batch", "call", "refresh_asked")
    ]
    said = f"{caplog.text} {report} {queue.due(TODAY + timedelta(days=9))} {names} {kept}"
    assert "3 persons asked for" in said
    assert [code for code in CODES if code in said] == []
