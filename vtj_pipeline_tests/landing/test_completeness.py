"""Which days have landed, which can still be fetched, and which are lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from vtj_pipeline.landing import Completeness, completeness, prove, ranges
from vtj_pipeline.landing.changes import KEPT_DAYS
from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.landing.ledger_rows import LedgerRows

TODAY = date(2026, 11, 23)
START = TODAY - timedelta(days=20)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def rows(ready_database: Database) -> LedgerRows:
    return LedgerRows(ready_database)


def land(rows: LedgerRows, *days: int) -> None:
    """Days so many days ago, each a hundred cursors long."""
    for each in days:
        rows.landed(ago(each), 10_000 - 100 * each, 10_100 - 100 * each)


def found(rows: LedgerRows) -> Completeness:
    proof = prove(rows.database, rows.subscription, START, TODAY)
    return completeness(proof, START, TODAY)


def missing(rows: LedgerRows) -> tuple[list[int], list[int], list[int]]:
    """Made up for, to fetch and too late, each as days ago."""
    one = found(rows)
    kinds = (one.made_up_for, one.to_fetch, one.too_late)
    made_up_for, to_fetch, too_late = ([(TODAY - day).days for day in days] for days in kinds)
    return made_up_for, to_fetch, too_late


def test_every_day_is_there(rows: LedgerRows) -> None:
    land(rows, *range(20, 0, -1))
    assert missing(rows) == ([], [], [])
    assert (found(rows).days, len(found(rows).whole)) == (20, 20)


def test_missing_days_are_told_apart_by_whether_the_source_keeps_them(rows: LedgerRows) -> None:
    land(rows, 20, 19, 17, 16, KEPT_DAYS + 1, 12, 11, 9, 8, 7, 6, 5, 4)
    late, kept = [18, KEPT_DAYS], [KEPT_DAYS - 1, 10, 3, 2, 1]
    assert missing(rows) == ([], kept, late)


def test_nothing_landed_misses_every_day(rows: LedgerRows) -> None:
    assert missing(rows) == ([], list(range(13, 0, -1)), list(range(20, 13, -1)))


def test_a_day_that_did_not_land_to_its_end_is_missing(rows: LedgerRows) -> None:
    land(rows, *range(20, 2, -1), 1)
    rows.landed(ago(2), 9_800, 9_850, whole=False)
    assert 2 in missing(rows)[1]


def test_a_day_that_the_next_one_reaches_over_is_made_up_for(rows: LedgerRows) -> None:
    land(rows, *range(20, 6, -1), *range(4, 0, -1))
    rows.landed(ago(5), 9_400, 9_600)
    assert missing(rows) == ([6], [], [])


def test_a_baseline_makes_up_for_the_days_before_it(rows: LedgerRows) -> None:
    land(rows, 20, 19, 3)
    rows.baseline(ago(4), 9_600)
    # The day after it begins a day early, since nothing landed before it.
    assert missing(rows) == (list(range(18, 3, -1)), [2, 1], [])
    # Of its own day it knows the beginning only.
    rows.baseline(ago(2), 9_800)
    assert missing(rows) == (list(range(18, 3, -1)), [2, 1], [])
    rows.baseline(ago(1), 9_900)
    assert missing(rows) == ([*range(18, 3, -1), 2], [1], [])


def test_ranges_are_written_as_a_person_would() -> None:
    days = [ago(9), ago(3), ago(4), ago(1)]
    assert ranges(days) == ["2026-11-14", "2026-11-19 to 2026-11-20", "2026-11-22"]
