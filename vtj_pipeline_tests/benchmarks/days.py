"""A day of changes for a generated population: moves, corrections, deletions, repeated pages.

What happens is in `sql/day.sql`. Keep out how persons are made (`population.py`) and what is
measured (`national.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing.ledger import NewBatch, complete_day, open_day
from vtj_pipeline.landing.pages import Page, asked_hash
from vtj_pipeline.landing.report import commit, ledger_connection
from vtj_pipeline_tests.benchmarks.land import CURSOR, SUBSCRIPTION, touched_persons
from vtj_pipeline_tests.benchmarks.population import SNAPSHOT, generator, sql

if TYPE_CHECKING:
    from vtj_pipeline.landing import Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey

DAY = SNAPSHOT + timedelta(days=1)
STARTS = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
PAGE = 5000
# A day begins where the one before was asked for: of so many pages one comes again.
_REPEAT_EVERY = 10
_RUN = "benchmark"
_FORGET = (
    "delete from ledger.call where batch_id in "
    "(select batch_id from ledger.landing_batch where kind = 'change')",
    "delete from ledger.landing_batch where kind = 'change'",
    "delete from ledger.day_round",
)


@dataclass(frozen=True)
class LandedDay:
    """What a day brought; messages that came twice are counted once, their bytes twice."""

    persons: int
    messages: int
    json_bytes: int


def land_day(database: Database, storage: Storage, key: PersonKey, seed: int) -> LandedDay:
    """Land the day after the snapshot; its persons are those that the population's landing kept."""
    bodies, messages = _bodies(storage, seed)
    pages = [_page(body, number, len(bodies)) for number, body in enumerate(bodies)]
    landed = pages + pages[::_REPEAT_EVERY]
    with ledger_connection(database) as connection:
        round_id = open_day(connection, SUBSCRIPTION, DAY, ["all"], _RUN)
        commit(connection, storage, key, _new_batch(pages[-1].cursor_out or CURSOR), landed)
        complete_day(connection, round_id)
    persons = touched_persons(storage).num_rows
    return LandedDay(persons, messages, sum(len(page.body) for page in landed))


def forget_days(database: Database) -> None:
    """Take what an earlier run has landed of a day out of the ledger; a new database has none."""
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement)


def _bodies(storage: Storage, seed: int) -> tuple[list[bytes], int]:
    """The answers, and how many messages they hold."""
    scratch = storage.absolute("tmp")
    scratch.mkdir(parents=True, exist_ok=True)
    masked = json.dumps(list(CATALOGUE.groups["VAKINAINEN_KOTIMAINEN_OSOITE"].withheld_fields))
    with generator(seed, scratch) as engine:
        engine.register("touched", touched_persons(storage))
        for name, value in (("day", DAY), ("masked", masked), ("page", PAGE)):
            engine.execute(f"set variable {name} = ?", [value])
        engine.execute(sql("day"))
        pages = engine.execute(
            "select string_agg(text, ',' order by n), count(*) from message "
            "group by n // getvariable('page') order by min(n)"
        ).fetchall()
    bodies = [
        f'{{"viimeisinKirjausavain":{_cursor(number + 1)},"muutokset":[{text}],'
        f'"ajanTasalla":{"true" if number == len(pages) - 1 else "false"}}}'.encode()
        for number, (text, _) in enumerate(pages)
    ]
    return bodies, sum(count for _, count in pages)


def _cursor(page: int) -> int:
    return CURSOR + page * PAGE


def _page(body: bytes, number: int, pages: int) -> Page:
    return Page(
        sequence=number,
        purpose="muutokset",
        cursor_in=_cursor(number),
        cursor_out=_cursor(number + 1),
        caught_up=number == pages - 1,
        extraction_date=None,
        asked_hash=asked_hash(None),
        asked=0,
        answered=body.count(b'"muutospv"'),
        fetched_at=STARTS + timedelta(days=1, seconds=number),
        status=200,
        body=body,
    )


def _new_batch(last_cursor: int) -> NewBatch:
    return NewBatch(
        subscription=SUBSCRIPTION,
        kind="change",
        partition_day=DAY,
        round_id=None,
        unit="all",
        file=f"landing/{SUBSCRIPTION}/change/{DAY}/all-{CURSOR}",
        sha256="",
        size=0,
        last_cursor=last_cursor,
        completes_partition=True,
        run_id=_RUN,
    )
