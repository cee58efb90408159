"""Landed files → events files, in DuckDB, one for one.

Change what is read from an answer in `sql/`. Keep out the fold.

Columns of an events file: `event_id` uuid (a hash of subject, recording time, group, change type,
content and occurrence), `subject` (the code that the message names), `tietoryhma`, `change_type`
(six values, or SNAPSHOT), `recorded_at` (UTC), the position `cursor`, `stage` (0 snapshot,
1 change), `page`, `message`, `line`, `payload` (canonical JSON), `masked`, `valid_now` (JSON list
of the rows in force after the change), `unknown_fields` (names of fields that the catalogue does
not know), `fault` (why a row or message could not be read; null = fine).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from threading import local
from typing import TYPE_CHECKING

import duckdb

from vtj_pipeline.catalogue import CATALOGUE, Kind
from vtj_pipeline.errors import EventsError
from vtj_pipeline.events.slices import SLICE_BYTES, mended_pages, slices
from vtj_pipeline.events.structure import (
    code_is_too_long,
    impossible_date,
    is_there,
    json_type_of,
    structure,
)
from vtj_pipeline.landing import (
    Engine,
    LandedBatch,
    Storage,
    landed_batches,
    private_engine,
    read_pages,
)
from vtj_pipeline.landing.pages import PAGE_SCHEMA
from vtj_pipeline.source.salvage import UNREADABLE
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    import pyarrow as pa

    from vtj_pipeline.catalogue import Catalogue, Tietoryhma
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]

_TABLES = {
    "messages": "message",
    "lines": "line",
    "canonical": "canonical",
    "event_rows": "event",
}
_BUNDLE_BYTES, _MOST_IN_BUNDLE = 4_000_000, 64
_ENVELOPE = ("tietoryhma", "muutosattribuutti", "voimassaolevatTiedot", "turvakiellonAlaisetKentat")
_MOST_WORKERS = 8
# What can be an identity code, and the name of a group. Anything else in their place could be
# anything: a name, or more than an index can hold.
_CODE = "[0-9A-Z+-]{1,40}"
_NAME = "[A-Za-zÅÄÖåäö0-9_ .:/-]{1,100}"


@dataclass(frozen=True)
class ExtractReport:
    """What one extraction did: files made, rows in them, rows that could not be read."""

    files: int
    rows: int
    faults: int
    seconds: float


@cache
def fingerprint(catalogue: Catalogue = CATALOGUE) -> str:
    """A short hash of all that decides what an events file holds."""
    text = "".join(
        _render(step, catalogue, kind) for step in _TABLES for kind in ("change", "base")
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def events_path(batch: LandedBatch, catalogue: Catalogue = CATALOGUE) -> str:
    """Where the events of a landed batch stand, relative to the storage's root."""
    return f"events/{fingerprint(catalogue)}/{batch.file.removeprefix('landing/')}"


def extract_events(
    database: Database,
    storage: Storage,
    settings: Settings,
    progress: Progress | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> ExtractReport:
    """Make the events file of every landed batch that has none.

    Raises:
        LandingDamaged: a landed file is missing or differs from the ledger.
        EventsError: a landed file cannot be read as pages.
    """
    started = time.perf_counter()
    version = fingerprint(catalogue)
    missing = [
        b
        for b in landed_batches(database)
        if not storage.exists(f"events/{version}/{b.file.removeprefix('landing/')}")
    ]
    rows = faults = 0
    if missing:
        with _Extraction(storage, settings, catalogue) as extraction:
            for done, counted in enumerate(extraction.run(missing)):
                if progress:
                    progress("events", done, len(missing))
                rows += counted[0]
                faults += counted[1]
    return ExtractReport(len(missing), rows, faults, time.perf_counter() - started)


class _Extraction:
    """One DuckDB that reads several landed files at once, within one limit of memory."""

    def __init__(self, storage: Storage, settings: Settings, catalogue: Catalogue) -> None:
        self._storage = storage
        self._settings = settings
        self._catalogue = catalogue
        self._version = fingerprint(catalogue)
        self._mine = local()

    def __enter__(self) -> _Extraction:
        with ExitStack() as opened:
            engine = private_engine(self._storage, self._settings.fold_memory)
            self._engine: Engine = opened.enter_context(engine)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def run(self, batches: list[LandedBatch]) -> Iterator[tuple[int, int]]:
        """Make the events files; yields the rows and the faults of each."""
        bundles = list(self._bundles(batches))
        workers = min(os.cpu_count() or 1, len(bundles), _MOST_WORKERS)
        with ThreadPoolExecutor(workers) as pool:
            waiting = [pool.submit(self._read, bundle) for bundle in bundles]
            try:
                for each in as_completed(waiting):
                    yield from each.result()
            finally:
                for each in waiting:
                    each.cancel()

    def _bundles(self, batches: list[LandedBatch]) -> Iterator[list[LandedBatch]]:
        """Small files of one kind together, since planning costs more than a small file does."""
        for kind in ("change", "base"):
            bundle: list[LandedBatch] = []
            size = 0
            for batch in batches:
                if _kind(batch) == kind:
                    bundle.append(batch)
                    path = self._storage.absolute(batch.file)
                    size += path.stat().st_size if path.is_file() else 0
                    if size >= _BUNDLE_BYTES or len(bundle) >= _MOST_IN_BUNDLE:
                        yield bundle
                        bundle, size = [], 0
            if bundle:
                yield bundle

    def _read(self, bundle: list[LandedBatch]) -> list[tuple[int, int]]:
        try:
            return self._read_together(bundle)
        except duckdb.Error:
            self._engine.failure()
            # Which of them is at fault is known only of one alone.
            return [self._read_alone(batch) for batch in bundle]

    def _read_together(
        self, bundle: list[LandedBatch], *, mended: bool = False
    ) -> list[tuple[int, int]]:
        names = [f"{batch.batch_id}.parquet" for batch in bundle]
        files = [
            (read_pages(self._storage, batch), self._engine.address(name))
            for batch, name in zip(bundle, names, strict=True)
        ]
        if mended:
            files = [(mended_pages(pages), address) for pages, address in files]
        counts = self._reader(_kind(bundle[0])).read(files)
        for batch, name in zip(bundle, names, strict=True):
            path = f"events/{self._version}/{batch.file.removeprefix('landing/')}"
            self._storage.adopt(self._engine.folder / name, path)
        return counts

    def _read_alone(self, batch: LandedBatch) -> tuple[int, int]:
        try:
            return self._read_together([batch], mended=True)[0]
        except duckdb.OutOfMemoryException:
            msg = (
                f"{batch.file} was to be turned into events, which needs more memory than the "
                f"{self._settings.fold_memory} that VTJ_FOLD_MEMORY allows. Allow more and start "
                "the same again; nothing was changed."
            )
            raise EventsError(msg) from None
        except duckdb.Error as error:
            # Pages come from memory, so that only writing can fail.
            if self._engine.raise_ours() or isinstance(error, duckdb.IOException):
                msg = (
                    f"The events of {batch.file} were to be written under VTJ_HOME and could not "
                    "be: most often the disk is full. Make room and start the same again; nothing "
                    "was changed."
                )
                raise EventsError(msg) from None
            # The engine's own message can quote the data, so that it must not be chained.
            msg = (
                f"{batch.file} was to be turned into events and is not readable as pages of kind "
                f"{batch.kind}. Nothing was changed; report the file's name and this version."
            )
            raise EventsError(msg) from None

    def _reader(self, kind: str) -> PageReader:
        # Planning the statements costs more than a small file, so that each thread keeps its own.
        readers: dict[str, PageReader] = self._mine.__dict__.setdefault("readers", {})
        if kind not in readers:
            readers[kind] = PageReader(self._engine.connection.cursor(), kind, self._catalogue)
        return readers[kind]


class PageReader:
    """The prepared statements of one kind of answer, on a connection of their own.

    Only groups that have been met are prepared for: planning costs more than a small file does.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, kind: str, catalogue: Catalogue) -> None:
        self._engine = engine
        engine.execute("set TimeZone = 'UTC'")
        engine.register("no_pages", PAGE_SCHEMA.empty_table())
        engine.execute(
            "create temp table pages as "
            "select *, 0::integer as first_message, 0 as batch from no_pages"
        )
        self._kind = kind
        self._catalogue = catalogue
        self._groups: set[str] = set()
        for step, table in _TABLES.items():
            statement = _render(step, catalogue, kind, self._groups)
            engine.execute(f"create temp table {table} as {statement}")
            self._prepare(step, statement)

    def read(self, files: Sequence[tuple[pa.Table, str]]) -> list[tuple[int, int]]:
        """Write the events of pages to a file each; returns how many, and how many faults, of each.

        Args:
            files: Pages (`PAGE_SCHEMA`), and by which address their events are written.
        """
        self._engine.execute("delete from event")
        waiting: list[tuple[int, pa.Table]] = []
        size = 0
        for number, (pages, _) in enumerate(files):
            for some, weight in slices(pages, self._kind):
                waiting.append((number, some))
                size += weight
                if size >= SLICE_BYTES:
                    self._read_slices(waiting)
                    waiting, size = [], 0
        self._read_slices(waiting)
        return [self._write(number, target) for number, (_, target) in enumerate(files)]

    def _write(self, number: int, target: str) -> tuple[int, int]:
        self._engine.execute(
            f"copy (select * exclude (batch) from event where batch = {number} "
            "order by subject, cursor, stage, page, message, line) "
            f"to '{target}' (format parquet, compression zstd)"
        )
        counts = self._engine.execute(
            "select count(*), count(fault) from event where batch = ?", [number]
        ).fetchone()
        assert counts is not None
        return int(counts[0]), int(counts[1])

    def _read_slices(self, slices: list[tuple[int, pa.Table]]) -> None:
        engine = self._engine
        for table in ("pages", *_TABLES.values()):
            if table != "event":
                engine.execute(f"delete from {table}")
        for number, pages in slices:
            engine.register("new_pages", pages)
            engine.execute(f"insert into pages select *, {number} as batch from new_pages")
            engine.unregister("new_pages")
        for step in _TABLES:
            if step == "canonical":
                self._learn_groups()
            engine.execute(f"execute {step}")

    def _learn_groups(self) -> None:
        met = self._engine.execute("select distinct tietoryhma from line").fetchall()
        new = {name for (name,) in met if name in self._catalogue.groups} - self._groups
        if new:
            self._groups |= new
            statement = _render("canonical", self._catalogue, self._kind, self._groups)
            self._engine.execute("deallocate canonical")
            self._prepare("canonical", statement)

    def _prepare(self, step: str, statement: str) -> None:
        self._engine.execute(f"prepare {step} as insert into {_TABLES[step]} by name {statement}")


def _kind(batch: LandedBatch) -> str:
    return "change" if batch.tells_changes else "base"


def _render(
    step: str, catalogue: Catalogue, kind: str, present: Collection[str] | None = None
) -> str:
    groups = [
        _group(group)
        for group in catalogue.groups.values()
        if group.is_known and (present is None or group.name in present)
    ]
    return (
        template_files("vtj_pipeline.events", "sql")
        .get_template(f"{step}.sql")
        .render(groups=groups, kind=kind, code=_CODE, name=_NAME, unreadable=UNREADABLE)
    )


def _group(group: Tietoryhma) -> dict[str, object]:
    names = [field.name for field in group.fields]
    shaped = [(field.name, kind) for field in group.fields if (kind := json_type_of(field))]
    return {
        "name": group.name,
        "structure": structure(group.fields),
        "present": [is_there(field, "t.r") for field in group.fields],
        "shaped": shaped,
        "known": str([*names, *_ENVELOPE]),
        "aliases": {alias: field.name for field in group.fields for alias in field.aliases},
        "impossible_date": impossible_date(group.fields),
        "code_is_too_long": code_is_too_long(group.fields),
        "nested": [
            (
                f"{field.name}[*]" if field.kind is Kind.OBJECT_LIST else field.name,
                field.name,
                str([inner.name for inner in field.fields]),
            )
            for field in group.fields
            if field.fields
        ],
    }
