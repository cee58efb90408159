"""Days of a sandbox's world, published bit by bit and then at once by each engine: the same rows.

The source is the sandbox as a process of its own, over HTTP. Keep out what is taken of each engine
(`spark.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.landing import Storage, create_ledger, land_day, recorded_calls
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import open_source
from vtj_pipeline_tests.benchmarks.bulk_day import AREA, do_baseline, do_extract, do_publish
from vtj_pipeline_tests.benchmarks.measure import measured
from vtj_pipeline_tests.benchmarks.spark import Folded, by_each, digest_of, forget_register
from vtj_pipeline_tests.benchmarks.stages import benchmark_settings
from vtj_pipeline_tests.sandbox.served import sandbox_process

_DAYS_AT_ONCE = 30
Say = Callable[[str], None]


def year(
    persons: int, days: int, home: Path, memory: str | None, engines: tuple[str, ...], say: Say
) -> Iterator[Folded]:
    """Yield what each engine took to publish a baseline and all days after it at once.

    Before that they are published by DuckDB as they land, a month at a time.

    Args:
        persons: Residents of the area at the start.
        days: After it.
        home: A folder of its own, with a short path.
        memory: As VTJ_FOLD_MEMORY.
        engines: As `spark.ENGINES`.
        say: Takes a line when something begins.

    Raises:
        RuntimeError: one failed, or made other rows than those that were published as they came.
    """
    say("the sandbox makes its world")
    # Not ahead of the clock: what was asked for before a day began cannot be in the day's journal.
    start = today_in_finland() - timedelta(days=days)
    with _source(persons, days, start) as client:
        login = {"api_username": ACCOUNT[0], "api_password": ACCOUNT[1]}
        url = str(client.base_url.join("/api/v1"))
        settings = benchmark_settings(home, memory, api_url=url, **login)
        with running_database(settings) as database:
            create_ledger(database)
            forget_register(database)
            answered = _measured(settings, database, do_baseline)
            _publish(settings, database)
            say(f"{answered:,} persons have landed and been published")
            for first in range(0, days, _DAYS_AT_ONCE):
                count = min(_DAYS_AT_ONCE, days - first)
                today = start + timedelta(days=first + count)
                client.post("/sandbox/clock", json={"today": today.isoformat()}).raise_for_status()
                messages = _measured(settings, database, do_days, today, count)
                touched = _publish(settings, database)
                say(f"days before {today}: {messages:,} messages, {touched:,} persons folded")
            digest = digest_of(database)
            say(f"rows {digest}")
            scope = {AREA.name: AREA.municipalities}
            yield from by_each(engines, settings, database, say, scope=scope, digest=digest)


def do_days(settings: Settings, url: str, today: date, count: int) -> int:
    """Land so many days before today; returns messages."""
    storage = Storage(settings.home, data_keys(settings))
    days = [today - timedelta(days=ago) for ago in range(count, 0, -1)]
    with (
        recorded_calls(Database(url), AREA, kind="change", run_id="benchmark") as log,
        open_source(settings, AREA, log=log) as client,
    ):
        return sum(
            land_day(
                AREA, day, client, storage, Database(url), today=today, run_id="benchmark"
            ).answered
            for day in days
        )


def _publish(settings: Settings, database: Database) -> int:
    _measured(settings, database, do_extract)
    return _measured(settings, database, do_publish)


def _measured(
    settings: Settings, database: Database, work: Callable[..., int], *given: object
) -> int:
    done = measured(work, settings, database.url, *given, postgres=settings.home / "pg")
    return int(done.value)


@contextmanager
def _source(persons: int, days: int, start: date) -> Iterator[httpx.Client]:
    """The sandbox on the morning of the first day."""
    morning: dict[str, date] = {"start": start, "clock": start}
    with (
        sandbox_process(persons=persons, days=days, wellbeing_area="11", **morning) as (_, url),
        httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=3600) as client,
    ):
        yield client
