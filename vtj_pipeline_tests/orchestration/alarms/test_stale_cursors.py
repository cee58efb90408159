"""Alarms of cursors that grow old: from the ledger, although nothing runs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from psycopg2.extras import execute_values

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.errors import DatabaseUnavailable
from vtj_pipeline.orchestration.alarms.sensors import CURSORS
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.orchestration.alarms.conftest import HOOK, UI, Watch
from vtj_pipeline_tests.source.fake_source import told
from vtj_pipeline_tests.source.products import municipality

START = date(2026, 11, 1)


@pytest.fixture
def ledger(watch: Watch, ready_database: Database) -> Database:
    """A ledger of the sensors' own, at the evening of the first day."""
    kept = {name: getattr(watch.settings, name) for name in watch.settings.model_fields_set}
    watch.settings = Settings(**{**kept, "postgres_url": ready_database.url})
    watch.subscriptions = (municipality(start_date=START),)
    watch.now = at(START, 20)
    return ready_database


def at(day: date, hour: int) -> datetime:
    """A moment in Finland."""
    return datetime.combine(day, time(hour), HELSINKI)


def landed(ledger: Database, day: date, name: str = "towns") -> None:
    """A whole day of changes."""
    number = (day - START).days
    moment = at(day + timedelta(days=1), 0)
    row = (name, "change", day, "all", f"{name}{number}", "", 0, 1, 0, 0, 100 * number,
           100 * number + 100, False, True, moment, moment, f"run-{number}")  # fmt: skip
    columns = (
        "subscription, kind, partition_day, unit, file, sha256, bytes, calls, asked, answered, "
        "first_cursor, last_cursor, caught_up, completes_partition, fetched_from, fetched_to, "
        "run_id"
    )
    connection = ledger.connect()
    with connection, connection.cursor() as cursor:
        execute_values(cursor, f"insert into ledger.landing_batch ({columns}) values %s", [row])
    connection.close()


def test_it_is_told_at_once_every_morning_worse_and_when_it_is_over(
    watch: Watch, ledger: Database
) -> None:
    landed(ledger, START)
    # The cursor stands at the end of the first day: two days later it is old.
    told_at = []
    for day in (2, 3, 4, 7, 8):
        for hour in (0, 6, 7, 23):
            watch.now = at(START + timedelta(days=day), hour)
            watch.tick(CURSORS)
            told_at += [(day, hour, one) for one in watch.subjects]
    old = "Cursor is old: towns"
    assert told_at == [
        (3, 0, f"WARN: {old}"),
        (3, 7, f"WARN: {old}"),
        (4, 7, f"WARN: {old}"),
        (7, 0, f"WARN: {old}"),  # nobody looked meanwhile
        (7, 7, f"WARN: {old}"),
        (8, 0, f"ERROR: {old}"),
        (8, 7, f"ERROR: {old}"),
    ]
    first, *_, last = watch.posted
    assert first["what"].startswith(
        "The cursor up to which nothing is missing of towns is 2.0 days"
    )
    assert first["counts"] == {"days": 2.0, "days_behind": 2}
    assert "vtj-pipeline run changes 2026-11-02 2026-11-03 --subscription towns" in first["to_do"]
    assert first["link"] == f"{UI}/assets/towns/daily_changes?view=partitions"
    for day in range(1, 8):
        landed(ledger, START + timedelta(days=day))
    watch.tick(CURSORS)
    assert watch.subjects == ["OK: Cursor is young again: towns"]
    [over] = watch.posted
    assert over["incidents"] == last["incidents"] and over["is_over"]
    assert watch.tick(CURSORS) == "Nothing to tell."


def test_what_the_source_does_not_keep_any_more_needs_a_baseline(
    watch: Watch, ledger: Database
) -> None:
    watch.now = at(START + timedelta(days=20), 12)
    watch.tick(CURSORS)
    [posted] = watch.posted
    assert posted["what"].startswith("Nothing of towns has landed yet")
    assert "run baseline --fetch-again" in posted["to_do"]


def test_each_subscription_is_told_for_itself(watch: Watch, ledger: Database) -> None:
    watch.subscriptions += (municipality(name="others", start_date=START),)
    landed(ledger, START, "towns")
    landed(ledger, START + timedelta(days=1), "towns")
    watch.now = at(START + timedelta(days=3), 12)
    watch.tick(CURSORS)
    assert watch.subjects == ["WARN: Cursor is old: others"]
    # One that is no more is forgotten.
    watch.subscriptions = watch.subscriptions[:1]
    watch.tick(CURSORS)
    assert watch.subjects == []
    assert "others" not in str(watch.cursor)


def test_who_could_not_be_told_is_told_at_the_next_tick(watch: Watch, ledger: Database) -> None:
    watch.server.on(HOOK, told({}, status=404))
    watch.now = at(START + timedelta(days=3), 12)
    assert "Not sent" in watch.tick(CURSORS)
    watch.server.asked.clear()
    watch.server.on(HOOK, told({}))
    watch.now += timedelta(hours=1)
    watch.tick(CURSORS)
    assert len(watch.posted) == 1 and len(watch.subjects) == 1


def test_a_database_that_is_gone_ends_the_tick(watch: Watch) -> None:
    kept = {name: getattr(watch.settings, name) for name in watch.settings.model_fields_set}
    watch.settings = Settings(**{**kept, "postgres_url": "postgresql://u:p@127.0.0.1:1/d"})
    watch.subscriptions = (municipality(start_date=START),)
    with pytest.raises(DatabaseUnavailable):
        watch.tick(CURSORS)
