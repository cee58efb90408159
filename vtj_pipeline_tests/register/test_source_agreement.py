"""Invariant 4 in PostgreSQL: after any prefix of a feed the register says what the source says.

Every table, every group, every column, for everyone in scope. Keep out how a row of the source is
read (`expected_rows.py` and its like) and what is told by hand (`test_cases.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.register.feeds import (
    LONG,
    LONG_PREFIXES,
    NARROW,
    NARROWEST,
    QUICK,
    RARE,
    RARE_PREFIXES,
    START,
    Feed,
    Pages,
    Reading,
    rare_events_often,
)
from vtj_pipeline_tests.register.source_agreement import Told, differences

pytestmark = pytest.mark.slow

QUICK_PREFIXES = (20, 60)
_AS_TEXT = ("uuid", "jsonb")
_WITH_OTHERS = ("marriage", "parent_child", "guardianship", "adult_guardianship")
_NOISE: dict[str, Any] = {
    "unknown_groups": 0.05,
    "unknown_fields": 0.05,
    "explicit_nulls": 0.2,
    "duplicates": 0.2,
    "rough_dates": 0.3,
    "unknown_codes": 0.1,
    "duplicate_move_date": True,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "noise": _NOISE,
    "closed residences": {"death": "closes-residence"},
    "little told of protection": {"protection_off_restores": True, "censoring": False},
    "cancelled without the pair": {"cancelled_pair_share": 0.0, "seed": 12},
    "trouble with identity": {"identity_trouble": 300.0, "seed": 13},
}


def current(bench: Bench, table: str) -> list[dict[str, Any]]:
    """The current rows of a table; uuid and jsonb as text."""
    columns = bench.query(
        "select column_name, data_type from information_schema.columns "
        f"where table_schema = 'register' and table_name = '{table}' order by ordinal_position"
    )
    chosen = ", ".join(f"{n}::text as {n}" if kind in _AS_TEXT else n for n, kind in columns)
    with bench.database.adbc() as connection, connection.cursor() as cursor:
        cursor.execute(f"select {chosen} from register.{table} where recorded_to is null")
        rows: list[dict[str, Any]] = cursor.fetch_arrow_table().to_pylist()
    return rows


def disagreements(bench: Bench, told: Told, *, after_gap: bool = False) -> Counter[str]:
    """What the register has too little or too much, over all tables."""
    code_of = dict(bench.query("select person_id::text, identity_code from register.person"))
    found: Counter[str] = Counter()
    found["person: missing"] = len(told.codes - set(code_of.values()))
    for table in TABLES:
        rows = current(bench, table)
        found += differences(table, told, rows, code_of, after_gap=after_gap)
    return +found


def strangers(bench: Bench, told: Told) -> int:
    """Relations to somebody in the answers that do not say who in the register that is."""
    codes = "', '".join(told.codes)
    return sum(
        bench.query(
            f"select count(*) from register.{table} as r "
            f"join register.person as p on r.related_identity_code = p.identity_code "
            f"where r.recorded_to is null and r.related_person_id is distinct from p.person_id "
            f"and p.identity_code in ('{codes}')"
        )[0][0]
        for table in _WITH_OTHERS
    )


def land_answers(bench: Bench, pages: Pages, day: date, kind: str = "refresh") -> None:
    """Land pages of perustiedot."""
    bench.land_pages(pages, kind=kind, extraction_date=day)


def started(bench: Bench, options: SandboxOptions, account: str) -> Feed:
    """A feed whose baseline has been landed."""
    feed = Feed.of(options, account)
    bench.scope = tuple(sorted(feed.sandbox.world.area))
    land_answers(bench, feed.baseline(), START, "baseline")
    return feed


def told_by(feed: Feed, reading: Reading) -> Told:
    """What the source says on the day of a reading, but for persons who were merged."""
    told = Told.of(reading.answers, leave_out=feed.in_trouble(reading.answers))
    assert len(told.codes) > 0.9 * len(reading.answers)
    return told


def agrees_after(
    bench: Bench, options: SandboxOptions, account: str, days: tuple[int, ...]
) -> None:
    """Land a feed piece by piece and compare after each."""
    feed = started(bench, options, account)
    for day in days:
        reading = feed.read(day)
        bench.land_pages(reading.pages)
        bench.publish()
        told = told_by(feed, reading)
        found = disagreements(bench, told)
        assert not found, f"day {day}, {len(told.codes)} persons, {told.rows()} rows: {found}"
        assert strangers(bench, told) == 0


@contextmanager
def _rates(*, rare: bool) -> Iterator[None]:
    with rare_events_often() if rare else nullcontext():
        yield


@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_every_group_says_what_the_source_says(bench: Bench, account: str) -> None:
    agrees_after(bench, QUICK, account, QUICK_PREFIXES)


@pytest.mark.slow
@pytest.mark.parametrize("account", [NARROW, NARROWEST])
def test_groups_that_tell_less_are_shown_where_nothing_tells_more(
    bench: Bench, account: str
) -> None:
    agrees_after(bench, QUICK, account, QUICK_PREFIXES[-1:])


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_other_habits_of_the_source_lead_to_the_same(
    bench: Bench, variant: str, account: str
) -> None:
    options = replace(QUICK, activity=150.0, **VARIANTS[variant])
    agrees_after(bench, options, account, QUICK_PREFIXES)


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_what_is_rare_is_told_right_too(bench: Bench, account: str) -> None:
    with _rates(rare=True):
        agrees_after(bench, RARE, account, RARE_PREFIXES)


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_a_year_of_five_thousand_persons_agrees_after_every_prefix(
    bench: Bench, account: str
) -> None:
    agrees_after(bench, LONG, account, LONG_PREFIXES)


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_fresh_answers_between_the_changes_make_no_difference(bench: Bench, account: str) -> None:
    feed = started(bench, QUICK, account)
    for day in QUICK_PREFIXES:
        cursor = feed.cursor
        reading = feed.read(day)
        bench.land_pages(reading.pages)
        fresh = [(cursor, body) for _, body in feed.baseline()]
        land_answers(bench, fresh if day != QUICK_PREFIXES[-1] else feed.baseline(), reading.date)
        bench.publish()
        told = told_by(feed, reading)
        found = disagreements(bench, told)
        assert not found, f"day {day}: {found}"


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_fresh_answers_make_good_what_was_lost(bench: Bench, account: str) -> None:
    """Only what has ended meanwhile may stand that the source does not show any more."""
    feed = started(bench, QUICK, account)
    reading = feed.read(QUICK_PREFIXES[-1])
    land_answers(bench, feed.baseline(), reading.date)
    bench.publish()
    told = told_by(feed, reading)
    found = disagreements(bench, told, after_gap=True)
    assert not found


@pytest.mark.slow
def test_broken_messages_hold_back_a_person_until_fresh_answers_come(bench: Bench) -> None:
    feed = started(bench, replace(QUICK, malformed=0.1, **_NOISE), "mutpT1")
    for day in QUICK_PREFIXES:
        reading = feed.read(day)
        bench.land_pages(reading.pages)
        land_answers(bench, feed.baseline(), reading.date)
        bench.publish()
        told = told_by(feed, reading)
        assert bench.query("select count(*) from register.quarantine")[0][0] > 0
        found = disagreements(bench, told, after_gap=True)
        assert not found, f"day {day}: {found}"
