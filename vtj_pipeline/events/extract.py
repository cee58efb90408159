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

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING

import duckdb

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import EventsError
from vtj_pipeline.events.reader import PageReader, fingerprint
from vtj_pipeline.events.slices import mended_pages
from vtj_pipeline.landing import (
    Engine,
    LandedBatch,
    Storage,
    landed_batches,
    private_engine,
    read_pages,
)

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]

_BUNDLE_BYTES, _MOST_IN_BUNDLE = 4_000_000, 64
_MOST_WORKERS = 8


@dataclass(frozen=True)
class ExtractReport:
    """What one extraction did: files made, rows in them, rows that could not be read."""

    files: int
    rows: int
    faults: int
    seconds: float


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
    landed = {events_path(b, catalogue): b for b in landed_batches(database)}
    missing = [landed[path] for path in storage.missing("events", list(landed))]
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
        sizes = self._storage.sizes("landing", [batch.file for batch in batches])
        for kind in ("change", "base"):
            bundle: list[LandedBatch] = []
            size = 0
            for batch in batches:
                if _kind(batch) == kind:
                    bundle.append(batch)
                    size += sizes.get(batch.file, 0)
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
            path = events_path(batch, self._catalogue)
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


def _kind(batch: LandedBatch) -> str:
    return "change" if batch.tells_changes else "base"
