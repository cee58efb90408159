"""Landed files → events files, in DuckDB, one for one.

Change what is read from an answer in `extract.sql`. Keep out the fold.

Columns of an events file: `event_id` uuid (a hash of subject, recording time, group, change type,
content and occurrence), `subject` (the code that the message names), `tietoryhma`, `change_type`
(six values, or SNAPSHOT), `recorded_at` (UTC), the position `cursor`, `stage` (0 snapshot,
1 change), `page`, `message`, `line`, `payload` (canonical JSON), `masked`, `valid_now` (JSON list
of the rows in force after the change), `unknown_fields` (names of fields that the catalogue does
not know), `fault` (why a row or message could not be read; null = fine).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import jinja2

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import EventsError
from vtj_pipeline.events.structure import impossible_date, spellings, structure
from vtj_pipeline.landing import LandedBatch, Storage, landed_batches, read_pages

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class ExtractReport:
    """What one extraction did: files made, rows in them, rows that could not be read."""

    files: int
    rows: int
    faults: int
    seconds: float


def fingerprint(catalogue: Catalogue = CATALOGUE) -> str:
    """A short hash of all that decides what an events file holds."""
    text = _template().strip() + _render(catalogue, "change") + _render(catalogue, "baseline")
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
    missing = [b for b in landed_batches(database) if not storage.exists(events_path(b, catalogue))]
    rows = faults = 0
    for done, batch in enumerate(missing):
        if progress:
            progress("events", done, len(missing))
        counted = _extract_one(batch, storage, settings, catalogue)
        rows += counted[0]
        faults += counted[1]
    return ExtractReport(len(missing), rows, faults, time.perf_counter() - started)


def _extract_one(
    batch: LandedBatch, storage: Storage, settings: Settings, catalogue: Catalogue
) -> tuple[int, int]:
    pages = read_pages(storage, batch)
    folder = storage.absolute("tmp")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=folder) as scratch, duckdb.connect() as engine:
        target = Path(scratch) / "events.parquet"
        engine.execute(f"set memory_limit = '{settings.fold_memory}'")
        engine.execute("set TimeZone = 'UTC'")
        engine.execute("set temp_directory = ?", [scratch])
        engine.register("pages", pages)
        try:
            engine.execute(_render(catalogue, batch.kind))
        except duckdb.Error:
            # The engine's own message can quote the data, so that it must not be chained.
            msg = (
                f"{batch.file} was to be turned into events and is not readable as pages of kind "
                f"{batch.kind}. Nothing was changed; report the file's name and this version."
            )
            raise EventsError(msg) from None
        engine.execute(
            "copy (select * from events order by subject, cursor, stage, page, message, line) "
            f"to '{target}' (format parquet, compression zstd)"
        )
        counts = engine.execute("select count(*), count(fault) from events").fetchone()
        storage.adopt(target, events_path(batch, catalogue))
    assert counts is not None
    return int(counts[0]), int(counts[1])


def _template() -> str:
    return files(__package__).joinpath("extract.sql").read_text("utf-8")


def _render(catalogue: Catalogue, kind: str) -> str:
    groups = [
        {
            "name": group.name,
            "structure": structure(group.fields),
            "fields": [field.name for field in group.fields],
            "impossible_date": impossible_date(group.fields),
        }
        for group in catalogue.groups.values()
        if group.is_known
    ]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701  # SQL of our own, no markup
    return environment.from_string(_template()).render(
        groups=groups, spellings=spellings(catalogue), kind="change" if kind == "change" else "base"
    )
