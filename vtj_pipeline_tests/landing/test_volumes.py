"""Whether the messages of a day are as many as usual, and when that is not asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from vtj_pipeline.landing import Volume, newest_volume, prove
from vtj_pipeline.landing.holidays import is_holiday
from vtj_pipeline.landing.volumes import ENOUGH, WEEKS, judge
from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.landing.ledger_rows import LedgerRows

TUESDAY = date(2026, 11, 24)
USUAL = (1000, 1100, 900, 1050, 950, 1000, 1020, 980)


def weeks(day: date, *messages: int) -> dict[date, int]:
    """The same weekday of the weeks before."""
    return {day - timedelta(weeks=n): number for n, number in enumerate(messages, 1)}


def judged(messages: int, *before: int, day: date = TUESDAY) -> Volume:
    return judge(day, {**weeks(day, *before), day: messages})


@pytest.mark.parametrize(
    ("messages", "usual"),
    [(1000, True), (600, True), (1400, True), (400, False), (0, False), (1600, False)],
)
def test_half_as_much_again_is_looked_at(messages: int, usual: bool) -> None:
    found = judged(messages, *USUAL)
    assert (found.is_usual, found.usual, found.compared) == (usual, 1000, WEEKS)


def test_one_odd_week_changes_nothing_and_a_restless_weekday_allows_more() -> None:
    assert not judged(400, *USUAL[:-1], 90_000).is_usual
    assert judged(400, 1000, 300, 1900, 700, 1400, 1100, 500, 1600).is_usual


@pytest.mark.parametrize("weeks_known", range(WEEKS))
def test_it_is_silent_until_there_are_enough_weeks(weeks_known: int) -> None:
    assert judged(0, *USUAL[:weeks_known]).is_usual == (weeks_known < ENOUGH)


@pytest.mark.parametrize(("messages", "usual"), [(0, True), (19, True), (90, False)])
def test_few_messages_tell_nothing(messages: int, usual: bool) -> None:
    assert judged(messages, *[12] * 8).is_usual == usual


def test_a_holiday_may_be_quiet_and_is_no_measure() -> None:
    christmas = date(2026, 12, 25)
    assert judged(0, *USUAL, day=christmas).is_usual
    assert not judged(5000, *USUAL, day=christmas).is_usual
    # Two weeks after Christmas Day and a week after New Year's Day.
    found = judged(1000, 3, 5, *USUAL[2:], day=date(2027, 1, 8))
    assert (found.is_usual, found.compared) == (True, WEEKS - 2)


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14",
        "2026-06-19", "2026-12-06", "2026-12-24", "2026-12-25", "2026-12-26",
        "2027-03-26", "2027-03-29", "2027-05-06", "2027-06-25",
    ],
)  # fmt: skip
def test_the_days_on_which_nobody_works_are_known(day: str) -> None:
    assert is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-04-02", "2026-04-07", "2026-06-18", "2026-06-26"])
def test_the_days_beside_them_are_ordinary(day: str) -> None:
    assert not is_holiday(date.fromisoformat(day))


@pytest.fixture
def rows(ready_database: Database) -> LedgerRows:
    """Nine weeks of days that each begin where the one before ended."""
    rows = LedgerRows(ready_database)
    for ago in range(7 * WEEKS + 1, -1, -1):
        rows.landed(TUESDAY - timedelta(days=ago), place(ago), place(ago - 1), answered=100 + ago)
    return rows


def place(ago: int) -> int:
    return 100_000 - 100 * ago


def newest(rows: LedgerRows) -> Volume:
    start = TUESDAY - timedelta(days=7 * WEEKS + 1)
    proof = prove(rows.database, rows.subscription, start, TUESDAY + timedelta(days=1))
    return newest_volume(rows.database, proof)


def test_the_newest_whole_day_is_held_against_its_weekday(rows: LedgerRows) -> None:
    found = newest(rows)
    assert (found.day, found.messages, found.compared) == (TUESDAY, 100, WEEKS)
    assert found.usual == 100 + 7 * 4.5
    rows.landed(TUESDAY + timedelta(days=1), place(-1), place(-1) + 5, answered=9, whole=False)
    assert newest(rows).day == TUESDAY


def test_a_day_that_is_fetched_again_counts_once(rows: LedgerRows) -> None:
    rows.landed(TUESDAY, place(0), place(0) + 50, answered=70, whole=False)
    rows.landed(TUESDAY, place(0) + 50, place(-1), answered=40)
    assert newest(rows).messages == 110
    # Which came to no end.
    rows.landed(TUESDAY, place(0), place(0) + 10, answered=500, whole=False)
    assert newest(rows).messages == 110


def test_a_day_that_reaches_back_is_no_measure_and_is_not_judged(rows: LedgerRows) -> None:
    rows.landed(TUESDAY - timedelta(weeks=1), place(8), place(6), answered=5000)
    assert newest(rows).compared == WEEKS - 1
    rows.landed(TUESDAY, place(1), place(-1), answered=5000)
    assert newest(rows).usual is None


def test_units_of_a_list_that_has_changed_since_are_not_added(rows: LedgerRows) -> None:
    rows.landed(TUESDAY, place(0), place(-1), answered=5000, unit="old")
    rows.day(TUESDAY, ["old"])
    rows.day(TUESDAY, ["all"])
    assert newest(rows).messages == 100


def test_nothing_landed_is_nothing_to_judge(ready_database: Database) -> None:
    assert newest(LedgerRows(ready_database)).is_usual
