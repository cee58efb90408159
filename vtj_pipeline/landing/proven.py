"""The ledger's note of what is proven, for those who read it by SQL.

It is a note and no truth: the proof is made anew from batches and calls each time (`proof.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vtj_pipeline.landing.proof import Proof, prove
from vtj_pipeline.landing.report import ledger_connection

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.postgres import Database
    from vtj_pipeline.source import Subscription

_NOTE = """
insert into ledger.proven_cursor as p (
    subscription, starts_on, cursor, reached_at, proven_day, days_whole, days_behind, open_breaks,
    run_id, proven_at, looked_at
)
values (
    %(subscription)s, %(starts_on)s, %(cursor)s, %(reached_at)s, %(proven_day)s, %(days_whole)s,
    %(days_behind)s, %(open_breaks)s, %(run_id)s, %(proven_at)s, now()
)
on conflict (subscription) do update set
    starts_on = excluded.starts_on,
    cursor = excluded.cursor,
    reached_at = excluded.reached_at,
    proven_day = excluded.proven_day,
    days_whole = excluded.days_whole,
    days_behind = excluded.days_behind,
    open_breaks = excluded.open_breaks,
    run_id = excluded.run_id,
    proven_at = excluded.proven_at,
    looked_at = excluded.looked_at
"""


def prove_and_note(database: Database, subscription: Subscription, today: date) -> Proof:
    """What the ledger proves of a subscription, which is also noted there.

    Args:
        database: Where the ledger is.
        subscription: Whose chain of cursors.
        today: The day in Finland that has not ended.
    """
    proof = prove(database, subscription.name, subscription.start_date, today)
    row = {
        "subscription": subscription.name,
        "starts_on": subscription.start_date,
        "days_whole": proof.days,
        "days_behind": proof.behind,
        "open_breaks": len(proof.open_breaks),
        "cursor": proof.anchor and proof.anchor.cursor,
        "reached_at": proof.anchor and proof.anchor.at,
        "proven_day": proof.anchor and proof.anchor.day,
        "run_id": proof.anchor and proof.anchor.run_id,
        "proven_at": proof.anchor and proof.anchor.proven_at,
    }
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_NOTE, row)
    return proof


def note_all(database: Database, subscriptions: Iterable[Subscription], today: date) -> None:
    """Note what is proven of each subscription, and drop the notes of those that are no more."""
    names = [prove_and_note(database, one, today).subscription for one in subscriptions]
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from ledger.proven_cursor where subscription <> all(%s::text[])", (names,)
        )
