"""How fast persons are fetched over HTTP and landed, and how fast HTTP alone brings them.

The source is the sandbox as a process of its own, whose time and memory are not counted; it answers
from memory, so that what is measured is our side. Keep out what follows landing (`national.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.postgres import running_database
from vtj_pipeline_tests.benchmarks.bulk_day import AREA, DAY, do_baseline
from vtj_pipeline_tests.benchmarks.limits import Limit
from vtj_pipeline_tests.benchmarks.measure import Measured, measured
from vtj_pipeline_tests.benchmarks.stages import benchmark_settings
from vtj_pipeline_tests.sandbox.served import sandbox_process


def fetch(persons: int, home: Path) -> tuple[Measured, Limit]:
    """Fetch the baseline of an area of so many persons into a home of its own.

    Returns:
        The landing, whose value is the number of persons; and the same answer read by HTTP alone.
    """
    with _source(persons) as url:
        settings = benchmark_settings(home, None, **_login(url))
        with running_database(settings) as database:
            create_ledger(database)
            done = measured(do_baseline, settings, database.url, postgres=home / "pg")
        return done, _bare(url)


def _bare(url: str) -> Limit:
    body = {"kuntakoodit": list(AREA.municipalities)}
    started = time.perf_counter()
    with (
        httpx.Client(auth=ACCOUNT, timeout=900) as client,
        client.stream("POST", f"{url}/perustiedot-vko", json=body) as answer,
    ):
        answer.raise_for_status()
        size = sum(len(block) for block in answer.iter_raw())
    return Limit(size, time.perf_counter() - started, {})


def _login(url: str) -> dict[str, object]:
    return {"api_url": url, "api_username": ACCOUNT[0], "api_password": ACCOUNT[1]}


@contextmanager
def _source(persons: int) -> Iterator[str]:
    morning = {"start": DAY, "clock": DAY}
    with sandbox_process(persons=persons, days=1, wellbeing_area="11", **morning) as (_, url):
        yield url
