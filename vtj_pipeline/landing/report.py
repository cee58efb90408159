"""What one landing did, and how a batch of answers becomes part of the truth.

Keep out which calls are made (`baseline.py`, `changes.py`, `refresh.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from vtj_pipeline.landing.ledger import NewBatch, record_batch
from vtj_pipeline.landing.pages import Page, asked_hash, pages_file

if TYPE_CHECKING:
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Cursor, Database
    from vtj_pipeline.source import Answer

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class LandingReport:
    """What one landing did; counts only.

    Attributes:
        already_done: Everything had landed before, and nothing was asked.
    """

    subscription: str
    kind: str
    partition_day: date | None
    calls: int
    answered: int
    batches: int
    first_cursor: int
    last_cursor: int
    already_done: bool
    seconds: float


def page(answer: Answer, *, cursor_in: int, asked_as: str, asked: int, sequence: int = 0) -> Page:
    """An answer with what was asked for it; `asked_as` names that and tells no code."""
    return Page(
        sequence=sequence,
        purpose=answer.purpose,
        cursor_in=cursor_in,
        cursor_out=answer.cursor_out,
        caught_up=answer.caught_up,
        extraction_date=answer.extraction_date,
        asked_hash=asked_as,
        asked=asked,
        answered=answer.answered,
        fetched_at=answer.fetched_at,
        status=answer.status,
        body=answer.body,
    )


def commit(
    connection: Connection,
    storage: Storage,
    batch: NewBatch,
    pages: list[Page],
    also: Callable[[Cursor, int], None] | None = None,
) -> int:
    """Write the file, then make it part of the truth in one ledger transaction; its number there.

    `batch.file` is the name without the part that tells the content; `sha256` and `size` are
    filled in here. `also` writes what else belongs to that transaction, given the batch's id.
    """
    numbered = [replace(one, sequence=sequence) for sequence, one in enumerate(pages)]
    content = pages_file(
        numbered,
        subscription=batch.subscription,
        kind=batch.kind,
        partition_day=batch.partition_day,
    )
    temporary_name = asked_hash((numbered[0].sha256, batch.run_id, str(len(content))))
    file = f"{batch.file}-{temporary_name}.parquet"
    sha256 = storage.write(file, content)
    whole = replace(batch, file=file, sha256=sha256, size=len(content))
    return record_batch(connection, whole, numbered, also)


@contextmanager
def ledger_connection(database: Database) -> Iterator[Connection]:
    """A connection that is closed at the end."""
    connection = database.connect()
    try:
        yield connection
    finally:
        connection.close()
