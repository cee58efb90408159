"""One database and one storage that examples take turns in: land, publish, look at all tables.

Uses the program's public functions and the real PostgreSQL. Keep out what is drawn (`feeds.py`) and
what is expected of it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE, Catalogue
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage
from vtj_pipeline.landing.ledger import NewBatch, record_batch
from vtj_pipeline.landing.pages import Page, asked_hash, pages_file
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import PublicationReport, publish_pending
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY

SCOPE = {"test": ("297", "091")}
KEYED = ("person", "person_alias", "scope_member", "refresh_request")
# Foreign keys are not looked at, so that the order of the tables does not matter.
_EMPTY = "set local session_replication_role = replica; "
_TABLES = (
    "select schemaname || '.' || tablename from pg_tables "
    "where schemaname in ('register', 'ledger') and tablename <> 'schema_version'"
)
FETCHED = datetime(2026, 11, 30, tzinfo=UTC)
# By batch and place a fault is found again; what was told of it makes no difference elsewhere.
_QUARANTINE = "select distinct (tietoryhma, person_id, reason)::text from register.quarantine"

Rows = dict[str, Counter[str]]
"""Per table, its rows as text."""


@dataclass(frozen=True)
class Sheet:
    """One page of answers: where it begins, what it holds, when it came."""

    cursor: int
    entries: tuple[Any, ...]
    day: date | None = None
    fetched_at: datetime = FETCHED


@dataclass(frozen=True)
class Batch:
    """Pages that are landed together."""

    kind: str
    sheets: tuple[Sheet, ...]
    subscription: str = "test"

    def pages(self) -> list[Page]:
        """The pages as landing has them."""
        key = "muutokset" if self.kind == "change" else "perustiedot"
        return [
            Page(
                sequence=sequence,
                purpose=key,
                cursor_in=sheet.cursor,
                cursor_out=sheet.cursor + len(sheet.entries) if self.kind == "change" else None,
                caught_up=True,
                extraction_date=sheet.day,
                asked_hash=asked_hash(None),
                asked=0,
                answered=len(sheet.entries),
                fetched_at=sheet.fetched_at,
                status=200,
                body=json.dumps({key: sheet.entries}, ensure_ascii=False).encode(),
            )
            for sequence, sheet in enumerate(self.sheets)
        ]


class World:
    """A database with ledger and register, and a home; `reset` before each example.

    Args:
        database: With the tables of ledger and register.
        home: A folder for files, its own.
    """

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.home = home
        self.storage = Storage(home, DATA_KEYS)
        self.settings = Settings(home=home, person_key=KEY)
        self.catalogue = CATALOGUE
        self.scope: Mapping[str, tuple[str, ...]] = SCOPE
        self._landed = 0
        self._emptied: list[str] = []

    def reset(self, catalogue: Catalogue = CATALOGUE) -> World:
        """Empty everything; from now on only these groups and tables are there."""
        if not self._emptied:
            self._emptied = [name for (name,) in self.query(_TABLES)]
        self.run(_EMPTY + "; ".join(f"delete from {name}" for name in self._emptied))
        shutil.rmtree(self.home, ignore_errors=True)
        self.catalogue = catalogue
        self.scope = SCOPE
        return self

    def land(self, *batches: Batch) -> None:
        """Land batches, each as a file of its own."""
        connection = self.database.connect()
        try:
            for batch in batches:
                new, pages = self.written(batch)
                record_batch(connection, new, pages)
        finally:
            connection.close()

    def written(self, batch: Batch) -> tuple[NewBatch, list[Page]]:
        """Write the file of a batch; only the ledger makes it part of the truth."""
        self._landed += 1
        pages = batch.pages()
        file = f"landing/{batch.subscription}/{batch.kind}/{self._landed:06}.parquet"
        content = pages_file(
            pages, subscription=batch.subscription, kind=batch.kind, partition_day=None
        )
        sha256 = self.storage.write(file, content)
        new = NewBatch(
            subscription=batch.subscription,
            kind=batch.kind,
            partition_day=None,
            round_id=None,
            unit=str(self._landed),
            file=file,
            sha256=sha256,
            size=len(content),
            last_cursor=pages[-1].cursor_out or pages[-1].cursor_in,
            completes_partition=True,
            run_id="test",
        )
        return new, pages

    def extract(self) -> None:
        """Make the events files that are missing."""
        extract_events(self.database, self.storage, self.settings, catalogue=self.catalogue)

    def publish(self, **more: Any) -> PublicationReport:
        """Extract events and publish; `more` goes to `publish_pending`."""
        self.extract()
        return publish_pending(
            self.database,
            self.storage,
            self.settings,
            self.scope,
            run_id="test",
            catalogue=self.catalogue,
            **more,
        )

    def run(self, statement: str) -> None:
        """Run statements and commit."""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def rows(self, *, places: bool = False) -> Rows:
        """Every row of every table, whole, as text; with `places`, also where it is stored.

        A place tells of a row that was written anew although nothing about it is different.
        """
        where = "ctid::text || xmin::text || " if places else ""
        parts = [
            f"select '{name}', {where}t::text from register.{name} as t"
            for name in (*self.catalogue.tables, *KEYED)
        ]
        found: Rows = {name: Counter() for name in (*self.catalogue.tables, *KEYED)}
        for name, text in self.query(" union all ".join(parts)):
            found[name][text] += 1
        found["quarantine"] = Counter(text for (text,) in self.query(_QUARANTINE))
        return found


def differences(expected: Rows, found: Rows) -> dict[str, tuple[int, int]]:
    """Per table, how many rows are missing and how many are too many; empty where equal."""
    return {
        name: ((expected[name] - found[name]).total(), (found[name] - expected[name]).total())
        for name in expected
        if expected[name] != found[name]
    }


def at_once(batches: Iterable[Batch]) -> list[Batch]:
    """Batches of one kind and subscription as one."""
    merged: dict[tuple[str, str], Batch] = {}
    for batch in batches:
        known = merged.get((batch.kind, batch.subscription))
        sheets = (*known.sheets, *batch.sheets) if known else batch.sheets
        merged[batch.kind, batch.subscription] = replace(batch, sheets=sheets)
    return list(merged.values())
