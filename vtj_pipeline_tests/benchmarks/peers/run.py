"""The peers measured beside this project: the same rows, the same PostgreSQL, the same hard cases.

Keep out the peers and the cases themselves.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import quote_ident

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing import Storage
from vtj_pipeline.privacy import data_keys
from vtj_pipeline_tests.benchmarks.days import STARTS
from vtj_pipeline_tests.benchmarks.measure import Measured, measured
from vtj_pipeline_tests.benchmarks.peers.all_peers import PEERS, do_begin, do_go_on, is_installed
from vtj_pipeline_tests.benchmarks.peers.cases import judged, ours
from vtj_pipeline_tests.benchmarks.peers.rows import Load, before_and_after
from vtj_pipeline_tests.builders import Bench

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings
    from vtj_pipeline_tests.benchmarks.national import Run

Say = Callable[[str], None]
_WORK_MEM = "256MB"
_SCHEMAS = ("peer_dlt", "peer_dlt_staging", "peer_dbt", "peer_stage", "peer_upsert")


@dataclass(frozen=True)
class Took:
    """One load."""

    rows: int
    seconds: float
    peak_bytes: int
    postgres_bytes: int


@dataclass(frozen=True)
class PeerRun:
    """What a peer took, and which cases it got how right.

    Attributes:
        persons: Of the register.
        configured: What was chosen for the peer.
        first: Everyone's rows, for the first time.
        day: How those whom the day touched stand after it.
        verdicts: Case → `right`, `history wrong`, `no history` or `wrong`.
    """

    name: str
    persons: int
    configured: str
    first: Took
    day: Took
    verdicts: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What is written as JSON.

    Attributes:
        ours: Case → how right this project gets it; empty: no peer was asked for.
    """

    runs: list[Run]
    peers: list[PeerRun]
    ours: dict[str, str]


class Beside:
    """Some peers, measured after each size of register; the hard cases are run once.

    Raises:
        RuntimeError: one of them is not installed.
    """

    def __init__(self, names: Sequence[str], say: Say) -> None:
        require_installed(names)
        self.done: list[PeerRun] = []
        self.ours: dict[str, str] = {}
        self._names = names
        self._say = say

    def measure(self, database: Database, settings: Settings, run: Run) -> None:
        """Measure them on the register of a run."""
        if self._names and not self.ours:
            self.ours = our_verdicts(database, settings, settings.home / "cases")
        known = {peer.name: peer.verdicts for peer in self.done}
        tables = tuple(CATALOGUE.tables)
        self.done += measure_peers(database, settings, self._names, tables, known, self._say)


def require_installed(names: Sequence[str]) -> None:
    """Before hours are spent.

    Raises:
        RuntimeError: one of the peers is not installed.
    """
    for name in names:
        if not is_installed(name):
            msg = f"{name} is not installed: start this by uv run --group benchmarks"
            raise RuntimeError(msg)


def measure_peers(
    database: Database,
    settings: Settings,
    names: Sequence[str],
    tables: Sequence[str],
    known: Mapping[str, dict[str, str]],
    say: Say,
) -> list[PeerRun]:
    """Measure peers on the register that stands, whose last publication was the day.

    Args:
        database: With the register.
        settings: Of its home, which takes the files in between.
        names: Peers.
        tables: Register tables that the peers keep.
        known: Peer → how right it gets the hard cases, where they have been run.
        say: Takes a line when a peer has done something.

    Raises:
        RuntimeError: a peer failed.
    """
    if not names:
        return []
    persons = _persons(database)
    folder = settings.home / "peers"
    shutil.rmtree(folder, ignore_errors=True)
    before, after = before_and_after(database, folder, tables, STARTS, STARTS + timedelta(days=1))
    done = []
    with _more_memory(database):
        for name in names:
            work = folder / name
            work.mkdir()
            first = _took(before, _load(do_begin, name, database, settings, work, before))
            say(f"{PEERS[name].name}, first load: {first.seconds:.1f} s")
            day = _took(after, _load(do_go_on, name, database, settings, work, after))
            say(f"{PEERS[name].name}, the day: {day.seconds:.1f} s")
            _drop(database)
            peer, cases = PEERS[name], folder / f"{name}-cases"
            verdicts = known.get(peer.name) or peer_verdicts(name, database, cases)
            done.append(PeerRun(peer.name, persons, peer.configured, first, day, verdicts))
    shutil.rmtree(folder)
    return done


def peer_verdicts(name: str, database: Database, folder: Path) -> dict[str, str]:
    """A peer in the hard cases, in a database of its own on the same server."""
    aside = f"cases_{name}"
    _anew(database, aside)
    return dict(judged(PEERS[name], database.beside(aside).url, folder))


def our_verdicts(database: Database, settings: Settings, folder: Path) -> dict[str, str]:
    """This project in the hard cases, likewise."""
    _anew(database, "cases_ours")
    mine = settings.model_copy(update={"home": folder})
    bench = Bench(database.beside("cases_ours"), Storage(folder, data_keys(settings)), mine)
    return dict(ours(bench))


def _persons(database: Database) -> int:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from register.person")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _load(
    work: Callable[..., None],
    name: str,
    database: Database,
    settings: Settings,
    folder: Path,
    load: Load,
) -> Measured:
    return measured(work, name, database.url, folder, load, postgres=settings.home / "pg")


def _took(load: Load, done: Measured) -> Took:
    return Took(load.rows, done.seconds, done.peak_bytes, done.postgres_bytes)


@contextmanager
def _more_memory(database: Database) -> Iterator[None]:
    """For whoever connects meanwhile, and not for this project's own next run.

    With PostgreSQL's own 4 MB, dlt's day of 30,000 persons has not ended after nine minutes, since
    its `not in` finds no room for a hash table.
    """
    _alter(database, f"set work_mem = '{_WORK_MEM}'")
    try:
        yield
    finally:
        _alter(database, "reset work_mem")


def _alter(database: Database, how: str) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("select current_database()")
        (name,) = cursor.fetchone() or ("",)
        cursor.execute(f"alter database {quote_ident(name, cursor)} {how}")


def _drop(database: Database) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        for schema in _SCHEMAS:
            cursor.execute(f"drop schema if exists {schema} cascade")


def _anew(database: Database, name: str) -> None:
    with closing(database.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {name}")
            cursor.execute(f"create database {name}")
