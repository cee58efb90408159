"""Pages to folded tables in DuckDB alone, by any catalogue: no database, no files but events.

The same statements as in production, put together for these tests. Keep out catalogues that differ
(`mutants.py`) and what is expected of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE, Catalogue
from vtj_pipeline.events import reader
from vtj_pipeline.landing import Engine, Storage
from vtj_pipeline.landing.pages import PAGE_SCHEMA
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.fold_engine import BATCH_SCHEMA, FoldEngine, fold_engine
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY

MEMORY = "1500MB"
SUBSCRIPTION = "test"


@dataclass(frozen=True)
class Page:
    """One answer: where it stands in the journal, its body, and for basic data their day."""

    cursor: int
    body: bytes
    day: date | None = None


@dataclass(frozen=True)
class Batch:
    """Answers that are landed together; the kind is baseline, refresh or change."""

    kind: str
    pages: tuple[Page, ...]


@dataclass
class Folding:
    """Events of some batches in an engine, ready to be folded table by table.

    Attributes:
        engine: Where `person_event` and `person_code` stand.
        all_codes: Every `person_id` with each of its codes.
        codes: `person_id` → the active code.
    """

    engine: Engine
    all_codes: list[tuple[str, str]] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """To that engine."""
        return self.engine.connection

    def current(self, table: str, catalogue: Catalogue = CATALOGUE) -> list[dict[str, Any]]:
        """The rows of one table that stand now, as a catalogue has it."""
        return self._rows(table, catalogue, only_current=True)

    def history(self, table: str, catalogue: Catalogue = CATALOGUE) -> list[dict[str, Any]]:
        """All rows of one table."""
        return self._rows(table, catalogue, only_current=False)

    def _rows(
        self, table: str, catalogue: Catalogue, *, only_current: bool
    ) -> list[dict[str, Any]]:
        rows = FoldEngine(self.engine, catalogue).fold(catalogue.tables[table]).as_text()
        return [row for row in rows.to_pylist() if row["recorded_to"] is None or not only_current]

    def learn_codes(self) -> None:
        """Read which codes are whose, and which of them is active."""
        self.all_codes = self.connection.sql(
            "select person_id::varchar, code from person_code where is_last"
        ).fetchall()
        for row in sorted(self.current("identity_code"), key=lambda one: bool(one["is_active"])):
            self.codes[row["person_id"]] = row["identity_code"]


@contextmanager
def folding(
    batches: Iterable[Batch], folder: Path, catalogue: Catalogue = CATALOGUE
) -> Iterator[Folding]:
    """Extract events and put them in an engine.

    Args:
        batches: What was landed.
        folder: For files that do not outlive the engine.
        catalogue: By which fields are read.
    """
    settings = Settings(home=folder, person_key=KEY)
    rows = []
    for number, batch in enumerate(batches):
        file = folder / f"events_{number}.parquet"
        write_events(batch, file, catalogue)
        row = {"filename": str(file), "subscription": SUBSCRIPTION, "granted": None}
        rows.append({**row, "is_legacy": False})
    landed = pa.Table.from_pylist(rows, schema=BATCH_SCHEMA)
    storage = Storage(folder / "scratch", DATA_KEYS)
    with fold_engine(storage, MEMORY, person_key(settings), catalogue) as engine:
        engine._engine.execute("set threads = 1")
        engine.read_new(landed["filename"].to_pylist())
        engine.read_events(landed, None)
        engine.identify()
        made = Folding(engine._private)
        made.learn_codes()
        yield made


def write_events(batch: Batch, file: Path, catalogue: Catalogue) -> None:
    """The events file of a batch."""
    with duckdb.connect() as engine:
        engine.execute(f"set memory_limit = '{MEMORY}'")
        kind = "change" if batch.kind == "change" else "base"
        reader.PageReader(engine, kind, catalogue).read([(_pages(batch), str(file))])


def _pages(batch: Batch) -> pa.Table:
    rows = [
        {
            "subscription": SUBSCRIPTION,
            "kind": batch.kind,
            "sequence": sequence,
            "cursor_in": page.cursor,
            "extraction_date": page.day,
            "fetched_at": datetime(2026, 11, 1, tzinfo=UTC),
            "status": 200,
            "body": page.body,
        }
        for sequence, page in enumerate(batch.pages)
    ]
    return pa.Table.from_pylist(rows, schema=PAGE_SCHEMA)
