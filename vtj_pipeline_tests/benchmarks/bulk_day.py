"""A bulk day from the source to the register: how long each part takes, and in how much memory.

The source is the sandbox as a process of its own, whose time and memory are not counted. Each
function named `do_…` runs in a process of its own and returns numbers only. Keep out how time and
memory are taken (`measure.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, create_ledger, land_baseline, land_day, recorded_calls
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.register import create_register, publish_pending
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription, open_source
from vtj_pipeline_tests.benchmarks.measure import measured
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES
from vtj_pipeline_tests.sandbox.served import sandbox_process

DAY = date(2026, 10, 1)
AREA = Subscription(
    name="area",
    product="municipality",
    municipalities=MUNICIPALITIES,
    start_date=DAY,
    baseline="perustiedot-vko",
)
_KEY = "only-for-benchmarks-only-for-benchmarks"
_PAGE = 5000


@dataclass(frozen=True)
class Part:
    """One part of the work.

    Attributes:
        count: What it went through: persons or messages landed, events made, persons published.
        peak_bytes: Most memory of its processes and the PostgreSQL server together, at worst: both
            peaks added, whenever they were.
    """

    name: str
    count: int
    seconds: float
    peak_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.name:<20} {self.count:>10,} in {self.seconds:7.1f} s, "
            f"at most {self.peak_bytes / 1e9:.2f} GB"
        )


def bulk_day(persons: int, messages: int, home: Path, memory: str | None = None) -> Iterator[Part]:
    """Yield each part when it is done: the baseline first, then the day.

    Args:
        persons: Residents of the area.
        messages: Messages on the day beyond those of an ordinary one.
        home: A folder of its own, with a short path.
        memory: As VTJ_FOLD_MEMORY.

    Raises:
        RuntimeError: a part failed.
    """
    with _source(persons, messages) as client:
        # Never a server that the environment names.
        given = {"home": home, "person_key": _KEY, "postgres_url": None}
        given |= {"api_url": f"{client.base_url}/api/v1".replace("//api", "/api")}
        given |= {"api_username": ACCOUNT[0], "api_password": ACCOUNT[1]}
        settings = Settings.model_validate(given | ({"fold_memory": memory} if memory else {}))
        with running_database(settings) as database:
            create_ledger(database)
            create_register(database)

            def part(name: str, work: Callable[[Settings, str], int]) -> Part:
                done = measured(work, settings, database.url, postgres=home / "pg")
                peak = done.peak_bytes + done.postgres_bytes
                return Part(name, done.value, done.seconds, peak)

            yield part("land the baseline", do_baseline)
            yield part("its events", do_extract)
            yield part("publish it", do_publish)
            tomorrow = (DAY + timedelta(days=1)).isoformat()
            client.post("/sandbox/clock", json={"today": tomorrow}).raise_for_status()
            yield part("land the bulk day", do_day)
            yield part("its events", do_extract)
            yield part("publish it", do_publish)
            yield part("publish again", do_publish)


def do_baseline(settings: Settings, url: str) -> int:
    """Land the baseline; returns persons."""
    with (
        recorded_calls(Database(url), AREA, kind="baseline", run_id="benchmark") as log,
        open_source(settings, AREA, log=log) as client,
    ):
        report = land_baseline(
            AREA,
            client,
            Storage(settings.home, data_keys(settings)),
            Database(url),
            run_id="benchmark",
            max_euros=1e6,
        )
    return report.answered


def do_day(settings: Settings, url: str) -> int:
    """Land the day; returns messages."""
    with (
        recorded_calls(Database(url), AREA, kind="change", run_id="benchmark") as log,
        open_source(settings, AREA, log=log) as client,
    ):
        today = DAY + timedelta(days=1)
        storage = Storage(settings.home, data_keys(settings))
        report = land_day(
            AREA, DAY, client, storage, Database(url), today=today, run_id="benchmark"
        )
    return report.answered


def do_extract(settings: Settings, url: str) -> int:
    """Make events of what has landed; returns how many."""
    return extract_events(Database(url), Storage(settings.home, data_keys(settings)), settings).rows


def do_publish(settings: Settings, url: str) -> int:
    """Publish what is pending; returns the persons who were folded."""
    scope = {AREA.name: AREA.municipalities}
    storage = Storage(settings.home, data_keys(settings))
    return publish_pending(Database(url), storage, settings, scope, run_id="benchmark").persons


@contextmanager
def _source(persons: int, messages: int) -> Iterator[httpx.Client]:
    """The sandbox on the morning of the day."""
    morning = {"start": DAY, "clock": DAY}
    bulk = {"bulk_day": DAY, "bulk_messages": messages, "page_size": _PAGE}
    with (
        sandbox_process(persons=persons, days=1, wellbeing_area="11", **morning, **bulk) as (
            _,
            url,
        ),
        httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=900) as client,
    ):
        yield client
