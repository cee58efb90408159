"""Every stage from the source to the views, each beside what the machine itself can do.

One run is one size of register; runs of several sizes show what a day costs as the register grows.
Add a stage to `_Run`. Keep out how seconds and memory are taken (`measure.py`), the bare work
(`limits.py`) and tables (`national_report.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import data_keys, person_key
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.benchmarks.days import STARTS, LandedDay, forget_days, land_day
from vtj_pipeline_tests.benchmarks.fetch import fetch
from vtj_pipeline_tests.benchmarks.land import SUBSCRIPTION, Landed, recall, remember
from vtj_pipeline_tests.benchmarks.limits import Limit, bare_copy, bare_parse, bare_read, bare_scan
from vtj_pipeline_tests.benchmarks.measure import Measured, measured
from vtj_pipeline_tests.benchmarks.parts import do_publish_in_parts
from vtj_pipeline_tests.benchmarks.population import FAMILY, Population
from vtj_pipeline_tests.benchmarks.stages import benchmark_settings, do_extract, do_land
from vtj_pipeline_tests.benchmarks.views import asked, do_dbt, not_again
from vtj_pipeline_tests.views.conftest import prepare

Say = Callable[[str], None]
# A day may be about so large a part of a register at most, or it would be another baseline.
_SMALLEST_SHARE = 5
_REPEAT_EVERY = 20
_LARGEST_SHARE = (
    "select max(n)::float / sum(n) from (select count(*) as n from register.home_municipality "
    "where recorded_to is null and valid_to is null group by municipality_code)"
)

_REGISTER_BYTES = (
    "select sum(pg_total_relation_size(oid)) from pg_class "
    "where relnamespace = 'register'::regnamespace and relkind = 'r'"
)


@dataclass(frozen=True)
class Step:
    """One line of a run.

    Attributes:
        rows: What it went through: rows of groups, events, messages, rows told.
        persons: Whom it was about.
        disk_bytes: What it left on the disk.
        limit: The bare work that it is held against; None: there is none.
        limit_seconds: How long that took.
    """

    name: str
    persons: int
    rows: int
    seconds: float
    cpu_seconds: float = 0.0
    postgres_cpu_seconds: float = 0.0
    peak_bytes: int = 0
    postgres_bytes: int = 0
    disk_bytes: int = 0
    limit: str | None = None
    limit_seconds: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the bare work; None: nothing to hold it against."""
        return self.seconds / self.limit_seconds if self.limit_seconds else None


@dataclass(frozen=True)
class Run:
    """One size of register.

    Attributes:
        largest_share: Of all persons, in the largest municipality.
        read_bytes_per_second: Of the landed files, from the disk.
        register_bytes: Of the register after the first publication, all tables and indexes.
        parts: Stage → part → seconds, of publications and of bare COPYs.
    """

    population: Population
    landed: Landed
    day: LandedDay
    largest_share: float
    read_bytes_per_second: float
    landed_bytes: int
    events_bytes: int
    register_bytes: int
    tables: dict[str, int]
    steps: list[Step]
    parts: dict[str, dict[str, float]]

    def step(self, name: str) -> Step:
        """A line by name."""
        return next(one for one in self.steps if one.name == name)


@dataclass(frozen=True)
class Plan:
    """What is to be measured.

    Attributes:
        persons: Of the register.
        day: Persons whom the day's changes are about, fewer where the register is small.
        fetched: Persons fetched over HTTP; 0 leaves it out.
        batch: Persons in a landed file; the pipeline lands delivered files by so many.
        memory: As VTJ_FOLD_MEMORY.
        with_views: Whether the views are made and followed.
        with_bare: Whether the bare work is measured; a second copy of the register, for a while.
    """

    persons: int
    day: int = 30_000
    fetched: int = 5_000
    seed: int = 1
    batch: int = 10_000
    memory: str | None = None
    with_views: bool = True
    with_bare: bool = True

    @property
    def population(self) -> Population:
        """The persons."""
        return Population(
            persons=-(-self.persons // FAMILY) * FAMILY,
            seed=self.seed,
            batch=self.batch,
            repeat_every=_REPEAT_EVERY,
            touched=min(self.day, self.persons // _SMALLEST_SHARE),
        )


Then = Callable[[Database, Settings, Run], None]
PAGES, DAY_PAGES = "pages → events", "day: pages → events"
PUBLISH, DAY_PUBLISH = "fold, diff, publish", "day: fold, diff, publish"
VIEWS, DAY_VIEWS = "views", "day: views"


def national(plan: Plan, home: Path, say: Say, then: Then | None = None) -> Run:
    """Measure one size, from nothing or from the pages that an earlier run has landed in `home`.

    Args:
        plan: What.
        home: A folder with a short path.
        say: Takes a line when a stage is done.
        then: Called at the end, while the database runs and its last publication was the day.

    Raises:
        RuntimeError: a stage failed, or did not do what it must.
        ValueError: the home holds another population.
    """
    settings = benchmark_settings(home, plan.memory)
    with running_database(settings) as database:
        run = _Run(plan, settings, database, say)
        done = run.whole()
        if then is not None:
            then(database, settings, done)
        return done


class _Run:
    def __init__(self, plan: Plan, settings: Settings, database: Database, say: Say) -> None:
        self._plan = plan
        self._settings = settings
        self._database = database
        self._storage = Storage(settings.home, data_keys(settings))
        self._say = say
        self._steps: list[Step] = []
        self._parts: dict[str, dict[str, float]] = {}

    def whole(self) -> Run:
        """All stages, in order."""
        self._fetch()
        landed = self._land()
        landed_bytes = self._size("landing")
        read = bare_read(self._storage.absolute("landing"))
        self._extract(PAGES, landed.persons, "baseline")
        events_bytes = self._size("events")
        self._publish(PUBLISH, landed.persons)
        register_bytes = int(self._ask(_REGISTER_BYTES))
        largest = self._ask(_LARGEST_SHARE)
        tables = {
            name: int(self._ask(f"select count(*) from register.{name}"))
            for name in (*CATALOGUE.tables, "person")
        }
        if self._plan.with_views:
            self._views(VIEWS, landed.persons, "build", "--full-refresh")
        day = self._day()
        return Run(
            population=self._plan.population,
            landed=landed,
            day=day,
            largest_share=largest,
            read_bytes_per_second=read.count / max(read.seconds, 1e-9),
            landed_bytes=landed_bytes,
            events_bytes=events_bytes,
            register_bytes=register_bytes,
            tables=tables,
            steps=self._steps,
            parts=self._parts,
        )

    def _fetch(self) -> None:
        if self._plan.fetched:
            home = self._settings.home / "f"
            shutil.rmtree(home, ignore_errors=True)
            done, bare = fetch(self._plan.fetched, home)
            shutil.rmtree(home)
            self._add("fetch over HTTP", done.value, done.value, done, 0, "bare HTTP", bare)

    def _land(self) -> Landed:
        population = self._plan.population
        known = recall(self._settings.home, population)
        if known is None:
            # What a run that was interrupted has landed is not taken up.
            shutil.rmtree(self._storage.absolute("landing"), ignore_errors=True)
            self._execute("drop schema if exists ledger cascade")
            done = self._measured(do_land, population)
            known = done.value
            remember(self._settings.home, population, known)
            self._add("generate", known.persons, known.rows, done, self._size("landing"))
        forget_days(self._database)
        shutil.rmtree(self._storage.absolute("events"), ignore_errors=True)
        shutil.rmtree(self._storage.absolute(f"landing/{SUBSCRIPTION}/change"), ignore_errors=True)
        self._execute("drop schema if exists register cascade")
        create_register(self._database)
        return known

    def _day(self) -> LandedDay:
        done = self._measured(do_land_day, self._plan.seed)
        day: LandedDay = done.value
        self._extract(DAY_PAGES, day.persons, "change")
        self._publish(DAY_PUBLISH, day.persons)
        again = self._measured(do_publish_in_parts)
        if not again.value["nothing_to_do"]:
            msg = "publishing again found something to do"
            raise RuntimeError(msg)
        self._add("publish again", 0, 0, again, 0)
        if self._plan.with_views:
            self._views(DAY_VIEWS, day.persons, "build", *not_again())
            self._ask_views()
        return day

    def _extract(self, name: str, persons: int, kind: str) -> None:
        before = self._size("events")
        done = self._measured(do_extract)
        rows, faults = done.value
        if faults:
            msg = f"{faults} of {rows} events could not be read: the generator is wrong"
            raise RuntimeError(msg)
        disk = self._size("events") - before
        bare = bare_parse(self._settings, self._database, kind) if self._plan.with_bare else None
        self._add(name, persons, rows, done, disk, "bare JSON parse", bare)

    def _publish(self, name: str, persons: int) -> None:
        before = int(self._ask("select pg_database_size(current_database())"))
        done = self._measured(do_publish_in_parts)
        if done.value["nothing_to_do"] or done.value["persons"] < persons:
            msg = f"{done.value['persons']} of {persons} persons were published"
            raise RuntimeError(msg)
        disk = int(self._ask("select pg_database_size(current_database())")) - before
        since = STARTS if name == DAY_PUBLISH else None
        bare = None
        if self._plan.with_bare:
            bare = bare_copy(self._settings, self._database, since)
        rows = bare.count if bare else done.value["rows"]
        self._parts[name] = done.value["parts"]
        self._add(name, persons, rows, done, disk, "bare COPY and indexes", bare)

    def _views(self, name: str, persons: int, *arguments: str) -> None:
        home = self._settings.home
        prepare(self._database, home)
        before = int(self._ask("select pg_database_size(current_database())"))
        done = measured(
            do_dbt, self._database.url, home / "dbt-benchmark", *arguments, postgres=home / "pg"
        )
        disk = int(self._ask("select pg_database_size(current_database())")) - before
        bare = bare_scan(self._database)
        self._add(name, persons, bare.count, done, disk, "bare scan of the register", bare)
        slowest = sorted(done.value, key=lambda one: -one[1])[:8]
        self._parts[name] = dict(slowest)

    def _ask_views(self) -> None:
        for one in asked(self._database):
            name = f"residents as of {one.day or 'now'}"
            self._steps.append(Step(name, one.rows, one.rows, min(one.seconds)))

    def _measured(self, work: Callable[..., Any], *given: object) -> Measured:
        postgres = self._settings.home / "pg"
        return measured(work, self._settings, self._database.url, *given, postgres=postgres)

    def _add(
        self,
        name: str,
        persons: int,
        rows: int,
        done: Measured,
        disk: int,
        limit: str | None = None,
        bare: Limit | None = None,
    ) -> None:
        self._steps.append(
            Step(
                name=name,
                persons=persons,
                rows=rows,
                seconds=done.seconds,
                cpu_seconds=done.cpu_seconds,
                postgres_cpu_seconds=done.postgres_cpu_seconds,
                peak_bytes=done.peak_bytes,
                postgres_bytes=done.postgres_bytes,
                disk_bytes=disk,
                limit=limit if bare else None,
                limit_seconds=bare.seconds if bare else None,
            )
        )
        if bare is not None and bare.parts:
            self._parts[f"{name}: bare"] = bare.parts
        self._say(f"{name}: {done.seconds:.1f} s, {done.peak_bytes / 1e6:,.0f} MB")

    def _size(self, folder: str) -> int:
        root = self._storage.absolute(folder)
        return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())

    def _execute(self, statement: str) -> None:
        connection = self._database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _ask(self, question: str) -> float:
        connection = self._database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(question)
                row = cursor.fetchone()
        finally:
            connection.close()
        return float(row[0]) if row and row[0] is not None else 0.0


def do_land_day(settings: Settings, url: str, seed: int) -> LandedDay:
    """Generate and land the day of changes."""
    storage = Storage(settings.home, data_keys(settings))
    return land_day(Database(url), storage, person_key(settings), seed)
