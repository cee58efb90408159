"""Hand-made answers of the source, landed without HTTP, and the tables that follow from them.

Persons are named A, B, C … here; their codes are synthetic (individual numbers 900–999).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage
from vtj_pipeline.landing.ledger import NewBatch, record_batch
from vtj_pipeline.landing.pages import Page, asked_hash, pages_file
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import PublicationReport, publish_pending
from vtj_pipeline.settings import Settings

Row = dict[str, Any]
CODES = {"A": "010190-999F", "B": "020290-998D", "C": "030390-997J", "N": "040490-996W"}
START = 5_446_000_000


def day(text: str, precision: str = "PAIVA") -> Row:
    """A partial date."""
    return {"arvo": text, "tarkkuus": precision}


def row(group: str, attribute: str | None = None, **fields: Any) -> Row:
    """A row of a group; `attribute` only in changes."""
    made: Row = {"tietoryhma": group, **fields}
    if attribute is not None:
        made["muutosattribuutti"] = attribute
    return made


def message(person: str, at: str, *rows: Row) -> Row:
    """A change message about a person of `CODES` (or a code) at a UTC instant."""
    return {
        "henkilotunnus": CODES.get(person, person),
        "muutospv": at,
        "tietoryhmat": list(rows),
    }


def basic(person: str, *rows: Row) -> Row:
    """A person of an answer of perustiedot."""
    return {"henkilotunnus": CODES.get(person, person), "tietoryhmat": list(rows)}


@dataclass
class Bench:
    """A database and a storage to land answers in and publish from.

    Attributes:
        scope: The municipalities of its one subscription.
    """

    database: Database
    storage: Storage
    settings: Settings
    landed: int = 0
    scope: tuple[str, ...] = ("297", "091")

    def land(
        self,
        messages: list[Row] | bytes,
        *,
        cursor: int = START,
        kind: str = "change",
        extraction_date: date | None = None,
    ) -> None:
        """Land one answer as a batch of its own."""
        self.land_pages([(cursor, messages)], kind=kind, extraction_date=extraction_date)

    def land_pages(
        self,
        pages: list[tuple[int, list[Row] | bytes]],
        *,
        kind: str = "change",
        extraction_date: date | None = None,
    ) -> None:
        """Land several answers, each (cursor, messages), as one batch."""
        self.landed += 1
        key = "muutokset" if kind == "change" else "perustiedot"
        made = [
            Page(
                sequence=sequence,
                purpose=key,
                cursor_in=cursor,
                cursor_out=cursor + 100 if kind == "change" else None,
                caught_up=True,
                extraction_date=extraction_date,
                asked_hash=asked_hash(None),
                asked=0,
                answered=0 if isinstance(messages, bytes) else len(messages),
                fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
                status=200,
                body=messages
                if isinstance(messages, bytes)
                else json.dumps({key: messages}, ensure_ascii=False).encode(),
            )
            for sequence, (cursor, messages) in enumerate(pages)
        ]
        content = pages_file(made, subscription="test", kind=kind, partition_day=None)
        file = f"landing/test/{kind}/{self.landed:04}.parquet"
        sha256 = self.storage.write(file, content)
        batch = NewBatch(
            "test",
            kind,
            None,
            None,
            str(self.landed),
            file,
            sha256,
            len(content),
            made[-1].cursor_in,
            True,
            "test",
        )
        connection = self.database.connect()
        try:
            record_batch(connection, batch, made)
        finally:
            connection.close()

    def publish(self, *, rebuild: bool = False) -> PublicationReport:
        """Extract events and publish."""
        extract_events(self.database, self.storage, self.settings)
        return publish_pending(
            self.database,
            self.storage,
            self.settings,
            {"test": self.scope},
            run_id="test",
            rebuild=rebuild,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def current(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """The current rows of a table, sorted."""
        return sorted(
            self.query(
                f"select {', '.join(columns)} from register.{table} where recorded_to is null"
            ),
            key=str,
        )

    def table(self, name: str) -> pa.Table:
        """A whole register table in a fixed order."""
        with self.database.adbc() as connection, connection.cursor() as cursor:
            cursor.execute(f"select * from register.{name} order by 1, 2")
            return cursor.fetch_arrow_table()
