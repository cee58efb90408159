"""The stages of the fold benchmark: landed, made into events, published, published again.

Each function named `do_…` runs in a process of its own and returns numbers only. Add a stage here
and to `fold`. Keep out how time and memory are taken (`measure.py`) and shown (`report.py`).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import data_keys, person_key
from vtj_pipeline.register import create_register, publish_pending
from vtj_pipeline.register.publish import tables_in_order
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.benchmarks.land import (
    SUBSCRIPTION,
    Landed,
    land_population,
    recall,
    remember,
)
from vtj_pipeline_tests.benchmarks.measure import Measured, measured
from vtj_pipeline_tests.benchmarks.population import Population, municipalities

_KEY = "only-for-benchmarks-only-for-benchmarks"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """One line of the result; `persons` and `rows` are what the stage went through.

    Attributes:
        disk_bytes: What the stage left on the disk.
    """

    name: str
    persons: int
    rows: int
    seconds: float
    cpu_seconds: float
    postgres_cpu_seconds: float
    peak_bytes: int
    postgres_bytes: int
    disk_bytes: int


@dataclass(frozen=True)
class Result:
    """A whole run.

    Attributes:
        landed: What there was to do.
        tables: Register table → rows that stand after the publication.
        steps: Step of the publication → seconds, in order.
        anomalies: Rows that did not fit, by kind; a sound population has next to none.
    """

    population: Population
    landed: Landed
    stages: list[Stage]
    tables: dict[str, int]
    steps: list[tuple[str, float]]
    anomalies: dict[str, int]


def fold(population: Population, home: Path, memory: str | None, say: Say) -> Result:
    """Measure from nothing, or from the pages that an earlier run has landed in `home`.

    Raises:
        RuntimeError: a stage failed, or did not do what it must.
        ValueError: the home holds another population.
    """
    settings = benchmark_settings(home, memory)
    with running_database(settings) as database:
        bench = _Bench(settings, database, say)
        landed = bench.land(population)
        bench.forget_all_but_landing()
        events = bench.extract(landed)
        published = bench.publish(landed, events)
        return Result(population, landed, bench.stages, bench.table_rows(), **published)


class _Bench:
    def __init__(self, settings: Settings, database: Database, say: Say) -> None:
        self.stages: list[Stage] = []
        self._settings = settings
        self._database = database
        self._storage = Storage(settings.home, data_keys(settings))
        self._say = say

    def land(self, population: Population) -> Landed:
        """Land the population, or take the one that is there."""
        known = recall(self._settings.home, population)
        if known is not None:
            self._say("pages of an earlier run are taken")
            return known
        # What a run that was interrupted has landed is not taken up.
        shutil.rmtree(self._storage.absolute("landing"), ignore_errors=True)
        self._sql("drop schema if exists ledger cascade")
        done = self._measured(do_land, population)
        landed: Landed = done.value
        remember(self._settings.home, population, landed)
        self._add("generate", landed.persons, landed.rows, done, self._size("landing"))
        return landed

    def forget_all_but_landing(self) -> None:
        """Drop what earlier runs have made of the pages."""
        shutil.rmtree(self._storage.absolute("events"), ignore_errors=True)
        self._sql("drop schema if exists register cascade")
        create_register(self._database)

    def extract(self, landed: Landed) -> int:
        """Pages → events; returns the number of events."""
        done = self._measured(do_extract)
        rows, faults = done.value
        if faults:
            msg = f"{faults} of {rows} events could not be read: the generator is wrong"
            raise RuntimeError(msg)
        self._add("pages → events", landed.persons, rows, done, self._size("events"))
        return int(rows)

    def publish(self, landed: Landed, events: int) -> dict[str, Any]:
        """Fold and publish, then once more, which must find nothing to do."""
        before = self._database_size()
        done = self._measured(do_publish)
        if done.value["nothing_to_do"] or done.value["persons"] < landed.persons:
            msg = f"{done.value['persons']} of {landed.persons} persons were published"
            raise RuntimeError(msg)
        size = self._database_size() - before
        self._add("fold + publish", landed.persons, events, done, size)
        again = self._measured(do_publish)
        if not again.value["nothing_to_do"]:
            msg = "publishing again found something to do"
            raise RuntimeError(msg)
        self._add("publish again", 0, 0, again, 0)
        return {name: done.value[name] for name in ("steps", "anomalies")}

    def table_rows(self) -> dict[str, int]:
        """The rows of every folded table."""
        return {
            name: self._sql(f"select count(*) from register.{name}")
            for name in (*CATALOGUE.tables, "person")
        }

    def _measured(self, work: Callable[..., object], *args: object) -> Measured:
        return measured(
            work, self._settings, self._database.url, *args, postgres=self._settings.home / "pg"
        )

    def _add(self, name: str, persons: int, rows: int, done: Measured, disk: int) -> None:
        self.stages.append(
            Stage(
                name=name,
                persons=persons,
                rows=rows,
                seconds=done.seconds,
                cpu_seconds=done.cpu_seconds,
                postgres_cpu_seconds=done.postgres_cpu_seconds,
                peak_bytes=done.peak_bytes,
                postgres_bytes=done.postgres_bytes,
                disk_bytes=disk,
            )
        )
        self._say(f"{name}: {done.seconds:.1f} s, {done.peak_bytes / 1e6:,.0f} MB")

    def _size(self, folder: str) -> int:
        root = self._storage.absolute(folder)
        return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())

    def _database_size(self) -> int:
        return self._sql("select pg_database_size(current_database())")

    def _sql(self, statement: str) -> int:
        connection = self._database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                row = cursor.fetchone() if cursor.description else None
        finally:
            connection.close()
        return int(row[0]) if row else 0


def do_land(settings: Settings, url: str, population: Population) -> Landed:
    """Generate and land."""
    storage = Storage(settings.home, data_keys(settings))
    return land_population(Database(url), storage, person_key(settings), population)


def do_extract(settings: Settings, url: str) -> tuple[int, int]:
    """Make events of every landed page; returns events and faults."""
    report = extract_events(Database(url), Storage(settings.home, data_keys(settings)), settings)
    return report.rows, report.faults


def do_publish(
    settings: Settings, url: str, scope: dict[str, tuple[str, ...]] | None = None
) -> dict[str, object]:
    """Publish all that is pending; returns counts, and seconds by step."""
    steps = _Steps()
    report = publish_pending(
        Database(url),
        Storage(settings.home, data_keys(settings)),
        settings,
        scope or {SUBSCRIPTION: municipalities()},
        run_id="benchmark",
        progress=steps.told,
    )
    return {
        "nothing_to_do": report.nothing_to_do,
        "persons": report.persons,
        "rows": sum(report.inserted.values()),
        "steps": steps.seconds(),
        "anomalies": report.anomalies,
    }


class _Steps:
    """How long each step of a publication took, by when its progress was told."""

    def __init__(self) -> None:
        self._told: list[tuple[str, float]] = [("read, identify", time.perf_counter())]

    def told(self, what: str, done: int, of: int | None) -> None:
        """Note that a step begins; those of the register are its tables in order."""
        tables = [*(table.name for table in tables_in_order(CATALOGUE)), "person"]
        named = tables[done] if what == "register" and done < len(tables) else f"{what} {done}"
        self._told.append((named, time.perf_counter()))

    def seconds(self) -> list[tuple[str, float]]:
        """Step → seconds, in order; the last one holds what came after it."""
        ends = [*self._told, ("", time.perf_counter())]
        return [(name, end - start) for (name, start), (_, end) in pairwise(ends)]


def benchmark_settings(home: Path, memory: str | None, **more: object) -> Settings:
    """The settings of every benchmark: embedded PostgreSQL in `home`, a key of its own."""
    # Never a server that the environment names: this one's register is dropped.
    given = {"home": home, "person_key": _KEY, "postgres_url": None, **more}
    settings = Settings.model_validate(given)
    return settings.model_copy(update={"fold_memory": memory}) if memory else settings
