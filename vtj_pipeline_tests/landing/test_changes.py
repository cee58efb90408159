"""A day of changes: where it starts, when it stops, where it goes on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.errors import (
    CursorExpired,
    DayNotOver,
    OtherJournal,
    SourceUnavailable,
    UnreadableAnswer,
)
from vtj_pipeline.landing import (
    LandingReport,
    Storage,
    land_day,
    landed_batches,
    prove,
    read_pages,
)
from vtj_pipeline.landing import changes as module
from vtj_pipeline.postgres import Database
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource, Told, changes, cursor, told
from vtj_pipeline_tests.source.products import CODES, code_list, many_codes, municipality

DAY = date(2026, 11, 5)
MESSAGES = [
    {"henkilotunnus": code, "muutospv": "2026-11-05T08:00:00.000Z", "tietoryhmat": []}
    for code in CODES
]


class Lands(Protocol):
    """Lands a day with a client of its own."""

    def __call__(
        self, day: date = DAY, subscription: Subscription | None = None, **more: Any
    ) -> LandingReport: ...


@pytest.fixture
def lands(opens: Opens, storage: Storage, ready_database: Database) -> Lands:
    def land(
        day: date = DAY, subscription: Subscription | None = None, **more: Any
    ) -> LandingReport:
        chosen = subscription or municipality()
        given = {"today": day + timedelta(days=1), "run_id": "test", **more}
        client = opens(chosen, api_attempts=1)
        return land_day(chosen, day, client, storage, ready_database, **given)

    return land


@pytest.fixture(autouse=True)
def _journal(source: FakeSource) -> None:
    for number in range(3, 10):
        source.on(f"kirjausavain/2026-11-{number:02}", cursor(number * 100))


def test_first_day_starts_a_day_early_and_pages_until_caught_up(
    source: FakeSource, lands: Lands, ledger: Ledger, storage: Storage, ready_database: Database
) -> None:
    answers = [
        changes(450, MESSAGES, caught_up=False),
        changes("470", MESSAGES[:1], caught_up=False),
        changes(480),
    ]
    source.on("muutokset", *answers)
    told_progress: list[tuple[str, int, int | None]] = []
    report = lands(progress=lambda *what: told_progress.append(what))
    assert source.bodies("muutokset") == [
        {"viimeisinKirjausavain": value} for value in (400, 450, 470)
    ]
    assert (report.subscription, report.kind, report.partition_day) == ("towns", "change", DAY)
    assert (report.calls, report.answered, report.batches) == (3, 4, 1)
    assert (report.first_cursor, report.last_cursor, report.already_done) == (400, 480, False)
    assert [done for _, done, _ in told_progress] == [1, 2, 3]
    [batch] = landed_batches(ready_database)
    pages = read_pages(storage, batch)
    assert pages["body"].to_pylist() == [one.body for one in answers]
    assert pages["cursor_in"].to_pylist() == [400, 450, 470]
    assert pages["cursor_out"].to_pylist() == [450, 470, 480]
    assert pages["partition_day"].to_pylist() == [DAY] * 3
    assert ledger.batches("calls", "answered", "last_cursor", "completes_partition") == [
        (3, 4, 480, True)
    ]


def test_a_day_under_way_lands_as_far_as_it_has_come_and_is_finished_later(
    source: FakeSource, lands: Lands, ledger: Ledger, ready_database: Database
) -> None:
    tomorrow = DAY + timedelta(days=1)
    source.on("muutokset", changes(450, MESSAGES), changes(450), changes(480, MESSAGES[:1]))
    for _ in range(3):
        assert lands(today=DAY, so_far=True).last_cursor in (450, 480)
    # The answer that told nothing new is no file; nothing of the day is missing or whole yet.
    columns = ("answered", "first_cursor", "last_cursor", "completes_partition")
    assert ledger.batches(*columns) == [(3, 400, 450, False), (1, 450, 480, False)]
    proof = prove(ready_database, "towns", DAY, DAY)
    assert (proof.breaks, proof.days, proof.behind) == ((), 0, 0)

    source.on("muutokset", changes(600, MESSAGES[:2]))
    lands(today=tomorrow, so_far=True)
    assert ledger.batches(*columns)[2:] == [(2, 480, 600, True)]
    proof = prove(ready_database, "towns", DAY, tomorrow)
    assert (proof.breaks, proof.whole) == ((), {DAY})


def test_a_day_to_come_has_nothing_so_far(lands: Lands) -> None:
    with pytest.raises(DayNotOver):
        lands(today=DAY - timedelta(days=1), so_far=True)


def test_day_ends_where_the_next_day_begins(source: FakeSource, lands: Lands) -> None:
    source.on(
        "muutokset",
        changes(550, MESSAGES, caught_up=False),
        changes(600, MESSAGES, caught_up=False),
        changes(700, MESSAGES, caught_up=False),
    )
    assert lands(today=date(2026, 11, 9)).last_cursor == 600
    assert len(source.bodies("muutokset")) == 2


def test_next_day_starts_at_the_last_cursor_of_the_day_before(
    source: FakeSource, lands: Lands
) -> None:
    source.on("muutokset", changes(610), changes(690))
    lands()
    lands(DAY + timedelta(days=1))
    assert source.bodies("muutokset") == [
        {"viimeisinKirjausavain": 400},
        {"viimeisinKirjausavain": 610},
    ]


def test_complete_day_asks_nothing(source: FakeSource, lands: Lands, ledger: Ledger) -> None:
    source.on("muutokset", changes(610, MESSAGES))
    lands()
    asked = len(source.asked)
    report = lands()
    assert len(source.asked) == asked
    assert (report.already_done, report.calls, report.batches) == (True, 0, 0)
    assert (report.first_cursor, report.last_cursor) == (400, 610)
    assert len(ledger.batches("file")) == 1


def test_fetch_again_asks_the_day_from_its_start_and_keeps_what_landed(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    source.on("muutokset", changes(610, MESSAGES))
    lands()
    assert lands(fetch_again=True, run_id="second").already_done is False
    assert source.bodies("muutokset") == [{"viimeisinKirjausavain": 400}] * 2
    assert len(ledger.batches("file")) == 2


def test_interrupted_day_goes_on_after_its_last_committed_batch(
    source: FakeSource,
    lands: Lands,
    ledger: Ledger,
    storage: Storage,
    ready_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LARGEST_BATCH_BYTES", 1)
    source.on(
        "muutokset",
        changes(450, MESSAGES, caught_up=False),
        changes(470, MESSAGES, caught_up=False),
        Told(b"", status=503),
        changes(610, MESSAGES[:1]),
    )
    with pytest.raises(SourceUnavailable):
        lands()
    # The page that came last was still waiting for its batch, and is asked for again.
    assert ledger.batches("last_cursor", "completes_partition") == [(450, False)]
    report = lands()
    assert [body["viimeisinKirjausavain"] for body in source.bodies("muutokset")] == [
        400,
        450,
        470,
        450,
    ]
    assert (report.calls, report.first_cursor, report.last_cursor) == (1, 400, 610)
    assert ledger.batches("last_cursor", "completes_partition") == [(450, False), (610, True)]
    assert all(read_pages(storage, one).num_rows == 1 for one in landed_batches(ready_database))
    assert lands().already_done


def test_day_after_an_interrupted_day_does_not_start_at_its_cursor(
    source: FakeSource, lands: Lands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BATCH_BYTES", 1)
    source.on(
        "muutokset",
        changes(450, caught_up=False),
        changes(470, caught_up=False),
        Told(b"", status=503),
        changes(710),
    )
    with pytest.raises(SourceUnavailable):
        lands()
    lands(DAY + timedelta(days=1))
    assert source.bodies("muutokset")[-1] == {"viimeisinKirjausavain": 500}


@pytest.mark.parametrize("ahead", [0, 1])
def test_day_that_has_not_ended_is_not_asked(source: FakeSource, lands: Lands, ahead: int) -> None:
    with pytest.raises(DayNotOver, match=DAY.isoformat()):
        lands(today=DAY - timedelta(days=ahead))
    assert source.asked == []


def test_empty_day_is_proven_by_the_ledger(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    source.on("muutokset", changes(400))
    assert lands().answered == 0
    assert ledger.calls(
        "purpose", "cursor_in", "cursor_out", "caught_up", "answered", "status"
    ) == [("muutokset", 400, 400, True, 0, 200)]
    assert lands().already_done


def test_cursor_that_stands_still_with_more_to_come_is_not_followed(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    source.on("muutokset", changes(400, MESSAGES, caught_up=False))
    with pytest.raises(UnreadableAnswer, match="never end"):
        lands()
    assert len(source.bodies("muutokset")) == 1
    assert ledger.batches("file") == []


def test_day_older_than_the_source_keeps_is_expired(source: FakeSource, lands: Lands) -> None:
    source.on("kirjausavain/2026-11-04", told({"virhe": "ei"}, status=404))
    source.on(f"kirjausavain/{today_in_finland()}", cursor(2000))
    with pytest.raises(CursorExpired, match="run baseline --fetch-again"):
        lands(today=DAY + timedelta(days=14))


def test_code_list_is_asked_in_parts_each_with_a_chain_of_its_own(
    source: FakeSource, lands: Lands, ledger: Ledger, tmp_path: Path
) -> None:
    codes = many_codes(1001)
    listed = code_list(tmp_path, codes)
    source.on("muutokset", changes(601), changes(602), changes(701), changes(702))
    lands(DAY, listed)
    lands(DAY + timedelta(days=1), listed)
    bodies = source.bodies("muutokset")
    assert [body["viimeisinKirjausavain"] for body in bodies] == [400, 400, 601, 602]
    assert [len(body["hetulista"]) for body in bodies] == [1000, 1, 1000, 1]
    assert bodies[0]["hetulista"] + bodies[1]["hetulista"] == list(codes)
    assert ledger.calls("asked") == [(1000,), (1,), (1000,), (1,)]


def test_no_code_stands_in_ledger_or_file_name(
    source: FakeSource, lands: Lands, ledger: Ledger, tmp_path: Path
) -> None:
    source.on("muutokset", changes(601, MESSAGES))
    lands(DAY, code_list(tmp_path))
    said = str(ledger.batches("*")) + str(ledger.calls("*"))
    assert "listed" in said
    assert not [code for code in CODES if code in said]


def test_another_journal_than_the_one_landed_so_far_is_refused(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    """Its cursors would make days seem empty, and the chain would seem whole."""
    days = [today_in_finland() + timedelta(days=number) for number in range(1, 5)]
    for number, day in enumerate(days):
        source.on(f"kirjausavain/{day}", cursor(1000 + 100 * number))
    source.on("muutokset", changes(1200))
    lands(days[1])
    # An answer that goes back.
    source.on("muutokset", changes(1199))
    with pytest.raises(OtherJournal, match=r"goes back to 1199.*VTJ_API_URL"):
        lands(days[2])
    # A journal that is shorter than what had been read of it before that day.
    source.on("muutokset", changes(1300))
    source.on(f"kirjausavain/{days[3]}", cursor(1199))
    with pytest.raises(OtherJournal, match=r"says 1199.*read it up to 1200"):
        lands(days[2])
    assert ledger.batches("last_cursor") == [(1200,)]
    source.on(f"kirjausavain/{days[3]}", cursor(1200))
    lands(days[2])
    assert ledger.batches("last_cursor") == [(1200,), (1300,)]
