"""A first publication folded by DuckDB, by Spark on two cores of this machine, and by a cluster.

The cluster is a master and two workers of one core each, as processes of this machine. Its
processes count as the publication's own. What is folded is a generated baseline, or the baseline
and the days of a sandbox's world (`year.py`). Keep out how people are made (`population.py`).
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from pydantic import SecretStr

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.benchmarks.land import recall, remember
from vtj_pipeline_tests.benchmarks.population import Population, sql
from vtj_pipeline_tests.benchmarks.stages import (
    benchmark_settings,
    do_extract,
    do_land,
    do_publish,
)

DUCKDB, LOCAL, CLUSTER = "duckdb", "local[2]", "2 workers x 1 core"
ENGINES = (DUCKDB, LOCAL, CLUSTER)
_ALSO = ("person", "person_alias", "scope_member", "refresh_request")
_EVERY_SECONDS = 0.5
Scope = dict[str, tuple[str, ...]]
_FOLD_LOG = "vtj_pipeline.register.spark.fold"


@dataclass(frozen=True)
class Folded:
    """What one engine took to fold and publish.

    Attributes:
        cpu_seconds: Of all processes but PostgreSQL.
        peak_bytes: Most memory of these at one time, a shared page counted by each.
        shuffled_bytes: What went from reading to folding tasks.
        digest: Of all rows of the register; the same for the same rows.
    """

    engine: str
    persons: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    shuffled_bytes: int
    digest: str

    def __str__(self) -> str:
        return (
            f"{self.engine:<20} {self.persons:>10,} persons {self.seconds:8.1f} s  "
            f"CPU {self.cpu_seconds:8.1f} s  {self.peak_bytes / 1e9:6.2f} GB  "
            f"shuffled {self.shuffled_bytes / 1e6:,.0f} MB  rows {self.digest}"
        )


def compare(
    population: Population,
    home: Path,
    memory: str | None,
    engines: tuple[str, ...],
    say: Callable[[str], None],
) -> Iterator[Folded]:
    """Yield what each engine took, the register being made anew for each.

    Raises:
        RuntimeError: one failed, or made other rows than the one before it.
    """
    settings = benchmark_settings(home, memory)
    with running_database(settings) as database:
        create_ledger(database)
        if recall(home, population) is None:
            say("people are made and landed")
            remember(home, population, do_land(settings, database.url, population))
        do_extract(settings, database.url)
        yield from by_each(engines, settings, database, say)


def by_each(
    engines: tuple[str, ...],
    settings: Settings,
    database: Database,
    say: Callable[[str], None],
    *,
    scope: Scope | None = None,
    digest: str | None = None,
) -> Iterator[Folded]:
    """Yield what each engine took to fold all that has landed.

    Args:
        engines: Of `ENGINES`.
        settings: Of the home.
        database: Where all has landed; its register is made anew for each.
        say: Takes a line when something begins.
        scope: As for a publication; None: that of the generated persons.
        digest: Of the rows that must come of it; None: those that the first engine makes.

    Raises:
        RuntimeError: one failed, or made other rows.
    """
    for engine in engines:
        say(f"fold by {engine}")
        forget_register(database)
        folded = _by(engine, settings, database, scope)
        yield folded
        if folded.digest != (digest or folded.digest):
            msg = f"{engine} made other rows than those before it: {folded.digest}, not {digest}"
            raise RuntimeError(msg)
        digest = folded.digest


def forget_register(database: Database) -> None:
    """Make the register anew, empty."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("drop schema if exists register cascade")
    create_register(database)


def digest_of(database: Database) -> str:
    """A short hash of all rows of the register, whatever their order."""
    whole = hashlib.sha256()
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        for table in (*CATALOGUE.tables, *_ALSO):
            cursor.execute(sql("digest").replace("{table}", table))
            whole.update(f"{table} {cursor.fetchone()}".encode())
    return whole.hexdigest()[:12]


def _by(engine: str, settings: Settings, database: Database, scope: Scope | None) -> Folded:
    heads: list[int] = []
    with ExitStack() as opened:
        chosen: dict[str, object] = {}
        if engine != DUCKDB:
            chosen = {"fold_engine": "spark", "spark_master": engine}
        if engine == CLUSTER:
            from vtj_pipeline_tests.spark.cluster import SECRET, running_cluster

            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="vtjspark")))
            cluster = opened.enter_context(running_cluster(folder))
            heads = [worker.process.pid for worker in cluster.workers]
            chosen |= {"spark_master": cluster.master, "spark_secret": SecretStr(SECRET)}
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        ours = settings.model_copy(update=chosen)
        process = context.Process(target=_publish, args=(there, ours, database.url, scope))
        process.start()
        there.close()
        assert process.pid is not None
        with _Watch([process.pid, *heads]) as watch:
            value = None
            with suppress(EOFError):
                value = here.recv()
            process.join()
    if value is None:
        msg = f"the fold by {engine} failed; its process has printed why"
        raise RuntimeError(msg)
    persons, seconds, shuffled = value
    digest = digest_of(database)
    return Folded(engine, persons, seconds, watch.cpu_seconds, watch.peak, shuffled, digest)


def _publish(answer: Connection, settings: Settings, url: str, scope: Scope | None) -> None:
    told = _Told()
    log = logging.getLogger(_FOLD_LOG)
    log.addHandler(told)
    log.setLevel(logging.INFO)
    started = time.perf_counter()
    persons = do_publish(settings, url, scope)["persons"]
    answer.send((persons, time.perf_counter() - started, told.shuffled))


class _Told(logging.Handler):
    """Hears how much was shuffled."""

    shuffled = 0

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and record.args:
            self.shuffled += int(str(record.args[-1]))


class _Watch:
    """Looks at families of processes, again and again, in a thread."""

    def __init__(self, heads: list[int]) -> None:
        self._heads = heads
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak = 0

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        """Since the start, of processes that are gone too, as far as they were seen."""
        return sum(used - self._first[pid] for pid, used in self._last.items())

    def _look(self) -> None:
        begins = True
        while not self._over.wait(_EVERY_SECONDS):
            memory = 0
            for process in self._family():
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    used = times.user + times.system
                    # One that was there before the fold began has worked for others until then.
                    self._first.setdefault(process.pid, used if begins else 0.0)
                    self._last[process.pid] = used
                    memory += process.memory_info().rss
            begins = False
            self.peak = max(self.peak, memory)

    def _family(self) -> Iterator[psutil.Process]:
        for pid in self._heads:
            with suppress(psutil.Error):
                head = psutil.Process(pid)
                yield from (head, *head.children(recursive=True))
