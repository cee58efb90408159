"""Landed answers as a Parquet file: one row for each HTTP answer, its body as received.

Add a column here when the ledger must prove something more about an answer. Keep out the ledger
itself (`ledger.py`) and the way a day or a baseline is fetched (`changes.py`, `baseline.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from vtj_pipeline.landing.ledger import LandedBatch
    from vtj_pipeline.landing.storage import Storage

PAGE_SCHEMA = pa.schema(
    [
        pa.field("subscription", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("partition_day", pa.date32()),
        pa.field("sequence", pa.int32()),
        pa.field("purpose", pa.string()),
        pa.field("cursor_in", pa.int64()),
        pa.field("cursor_out", pa.int64()),
        pa.field("caught_up", pa.bool_()),
        pa.field("extraction_date", pa.date32()),
        pa.field("asked_hash", pa.string()),
        pa.field("asked", pa.int32()),
        pa.field("answered", pa.int32()),
        pa.field("fetched_at", pa.timestamp("us", tz="UTC")),
        pa.field("status", pa.int16()),
        pa.field("body", pa.large_binary()),
        pa.field("sha256", pa.string()),
    ]
)


@dataclass(frozen=True)
class Page:
    """One answer of the source with what was asked for it; the fields are `PAGE_SCHEMA`'s.

    For pages of a baseline `cursor_in` is the journal position that the snapshot stands at.
    """

    sequence: int
    purpose: str
    cursor_in: int
    cursor_out: int | None
    caught_up: bool | None
    extraction_date: date | None
    asked_hash: str
    asked: int
    answered: int
    fetched_at: datetime
    status: int
    body: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the body, hex."""
        return hashlib.sha256(self.body).hexdigest()


def asked_hash(codes: tuple[str, ...] | None) -> str:
    """A name for the set of codes (or municipalities) asked for that tells none of them."""
    text = "\n".join(sorted(codes)) if codes is not None else ""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pages_file(
    pages: list[Page], *, subscription: str, kind: str, partition_day: date | None
) -> bytes:
    """The Parquet file (zstd) that holds these answers, with `PAGE_SCHEMA`."""
    rows = [
        {
            "subscription": subscription,
            "kind": kind,
            "partition_day": partition_day,
            "sha256": page.sha256,
            **{name: getattr(page, name) for name in page.__dataclass_fields__},
        }
        for page in pages
    ]
    return pages_bytes(pa.Table.from_pylist(rows, schema=PAGE_SCHEMA))


def pages_bytes(pages: pa.Table) -> bytes:
    """The Parquet file (zstd) of pages (`PAGE_SCHEMA`)."""
    sink = pa.BufferOutputStream()
    # A body is never looked for by its value: statistics and a dictionary would only cost.
    pq.write_table(
        pages,
        sink,
        compression="zstd",
        row_group_size=8,
        use_dictionary=False,
        write_statistics=False,
    )
    return bytes(sink.getvalue())


def read_pages(storage: Storage, batch: LandedBatch) -> pa.Table:
    """The answers of a landed batch, as `PAGE_SCHEMA`.

    Raises:
        LandingDamaged: the file is missing or differs from what the ledger recorded.
    """
    content = storage.read(batch.file, sha256=batch.sha256)
    return pq.read_table(pa.BufferReader(content))
