"""Whether the source still reads from the journal that the ledger knows.

Another environment, or another service behind the same address, has a journal of its own: with its
cursors days would seem to be empty, and the chain would seem to be whole. Keep out the proof of the
chain (`proof.py`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.errors import OtherJournal

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Connection

# Clocks differ, the source's and ours.
_DOUBT = timedelta(hours=1)
_REACHED = (
    "select max(last_cursor) from ledger.landing_batch where subscription = %s "
    "and kind in ('change', 'baseline') and fetched_to < %s"
)
_TO_DO = (
    "See that VTJ_API_URL and the credentials are those of the service that {name} was landed "
    "from; nothing of it has landed. If the source has begun its journal anew, give the "
    "subscription another name, and take its baseline."
)


def require_same_journal(
    connection: Connection, subscription: str, day: date, first_cursor: int
) -> None:
    """See that the journal has not shrunk since it was last read.

    A journal grows, so that whatever had been read before a day began stands before its first
    cursor.

    Args:
        connection: To the ledger; no transaction stays open on it.
        subscription: Whose journal.
        day: A day in Finland.
        first_cursor: Its first cursor, as the source says now.

    Raises:
        OtherJournal: more had been read before that day than the source says there was.
    """
    began = datetime.combine(day, time(), HELSINKI)
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, (subscription, began - _DOUBT))
        row = cursor.fetchone()
    connection.rollback()
    reached = row[0] if row else None
    if reached is not None and reached > first_cursor:
        msg = (
            f"The journal's place at the beginning of {day} was asked for, and the source says "
            f"{first_cursor}, but {subscription} had read it up to {reached} before that: this is "
            f"another journal. {_TO_DO.format(name=subscription)}"
        )
        raise OtherJournal(msg)


def require_forward(subscription: str, purpose: str, asked_from: int, reached: int) -> None:
    """See that an answer does not end before the place that it was asked from.

    Raises:
        OtherJournal: it does.
    """
    if reached < asked_from:
        msg = (
            f"{purpose} was asked for from cursor {asked_from}, and the answer goes back to "
            f"{reached}: this is another journal. {_TO_DO.format(name=subscription)}"
        )
        raise OtherJournal(msg)
