"""What one landing did, and how a batch of answers becomes part of the truth.

Keep out which calls are made (`baseline.py`, `changes.py`, `refresh.py`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.landing.ledger import NewBatch, record_batch
from vtj_pipeline.landing.pages import Page, asked_hash, pages_file
from vtj_pipeline.landing.redaction import redacted
from vtj_pipeline.landing.tombstones import (
    codes_of_others,
    keep_tombstones_as_they_are,
    set_tombstones,
    tombstones_at_hand,
)

if TYPE_CHECKING:
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.landing.tombstones import Tombstones
    from vtj_pipeline.postgres import Connection, Cursor, Database
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.source import Answer

Progress = Callable[[str, int, int | None], None]
_logger = logging.getLogger(__name__)
_FORGET = (
    "delete from ledger.not_answered where person_id = any(%(persons)s::uuid[])",
    "delete from ledger.refresh_asked where person_id = any(%(persons)s::uuid[])",
)


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
    key: PersonKey,
    batch: NewBatch,
    pages: list[Page],
    also: Callable[[Cursor, int], None] | None = None,
) -> int:
    """Write the file, then make it part of the truth in one ledger transaction; its number there.

    What the answers tell of erased persons is left out. `batch.file` is the name without the part
    that tells the content; `sha256` and `size` are filled in here. `also` writes what else belongs
    to that transaction, given the batch's id.
    """
    try:
        keep_tombstones_as_they_are(connection)
        tombstones = tombstones_at_hand(connection, key)
        if tombstones:
            pages, also = _without_erased(connection, tombstones, pages, also)
        return _commit(connection, storage, batch, pages, also)
    except BaseException:
        connection.rollback()
        raise


def known_at(fetched_at: datetime, extraction_date: date | None) -> datetime:
    """When an answer's basic data were true: a weekly copy's at the start of its day in Finland."""
    if extraction_date is None:
        return fetched_at
    return datetime.combine(extraction_date, time(), HELSINKI)


def _without_erased(
    connection: Connection,
    tombstones: Tombstones,
    pages: list[Page],
    also: Callable[[Cursor, int], None] | None,
) -> tuple[list[Page], Callable[[Cursor, int], None] | None]:
    """The pages without erased persons, and what else belongs to the batch's transaction then."""
    kept = list(pages)
    gone: set[str] = set()
    messages = mentions = 0
    others = partial(codes_of_others, connection)
    for number, one in enumerate(pages):
        moment = known_at(one.fetched_at, one.extraction_date)
        found = redacted(one.body, moment, tombstones, others)
        if found is not None:
            kept[number] = replace(one, body=found.body)
            gone |= found.gone
            messages, mentions = messages + found.messages, mentions + found.mentions
            with connection.cursor() as cursor:
                for code, beside in found.further.items():
                    set_tombstones(cursor, tombstones.key, [code], *tombstones.beside(beside))
    if kept == pages:
        return pages, also
    _logger.info("Of erased persons %d messages and %d mentions did not land", messages, mentions)
    persons = [str(tombstones.key.person_id_of(code)) for code in sorted(gone)]

    def and_forget(cursor: Cursor, batch_id: int) -> None:
        if also is not None:
            also(cursor, batch_id)
        # What was asked and left out was found in the answer as it came.
        for statement in _FORGET:
            cursor.execute(statement, {"persons": persons})

    return kept, and_forget


def _commit(
    connection: Connection,
    storage: Storage,
    batch: NewBatch,
    pages: list[Page],
    also: Callable[[Cursor, int], None] | None,
) -> int:
    numbered = [replace(one, sequence=sequence) for sequence, one in enumerate(pages)]
    content = pages_file(
        numbered,
        subscription=batch.subscription,
        kind=batch.kind,
        partition_day=batch.partition_day,
    )
    # One name never stands for two contents, whatever machine or killed run has written it.
    told = asked_hash((hashlib.sha256(content).hexdigest(), batch.run_id))
    file = f"{batch.file}-{told}.parquet"
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
