"""Who and what the source left out: persons asked for and not answered, and expected groups.

The source leaves out silently what it does not find or may not tell (contract §2.3, §8 #19).
It is remembered by person_id and group, settled by a later answer that has it, and never taken for
a deletion. Keep out what an answer means.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2.extras import execute_values

from vtj_pipeline.landing.report import ledger_connection
from vtj_pipeline.source.delivered import groups_in
from vtj_pipeline.source.messages import NotJson, NotTheEnvelope

if TYPE_CHECKING:
    from datetime import datetime

    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.privacy import PersonKey

_logger = logging.getLogger(__name__)
WHOLE_PERSON = ""
# Why somebody is asked for whom an answer left out.
ABSENT = "absent"
_NOTE = """
insert into ledger.not_answered as n
    (subscription, person_id, tietoryhma, first_asked_at, last_asked_at, batch_id)
values %s
on conflict (subscription, person_id, tietoryhma) do update set
    first_asked_at = case
        when n.settled_at is null then n.first_asked_at else excluded.first_asked_at
    end,
    last_asked_at = excluded.last_asked_at,
    times = case when n.settled_at is null then n.times + 1 else 1 end,
    batch_id = excluded.batch_id,
    settled_at = null
"""
_SETTLE = """
update ledger.not_answered as n set settled_at = %(at)s
where
    n.subscription = %(name)s
    and n.settled_at is null
    and n.batch_id <> %(batch)s
    and n.person_id = any(%(persons)s::uuid[])
"""


@dataclass(frozen=True)
class LeftOut:
    """What an answer left out, and whom it has; by person_id.

    Attributes:
        missing: (person_id, group) pairs; the group is `WHOLE_PERSON` for a person not answered.
        present: Persons in the answer, under every person_id that they were asked by.
    """

    missing: tuple[tuple[str, str], ...] = ()
    present: tuple[str, ...] = ()


def told_in(body: bytes) -> dict[str, frozenset[str]] | None:
    """Code → groups of each person in an answer; None if it does not name all of its persons.

    Such an answer is paid for: it lands, and what cannot be read of it goes to quarantine.
    """
    try:
        return dict(groups_in(body))
    except (NotJson, NotTheEnvelope) as error:
        _logger.warning("An answer with basic data names not all of its persons: %s", error)
    return None


def left_out(
    told: Iterable[tuple[str, frozenset[str]]],
    asked: Mapping[str, str],
    expected: Sequence[str],
    key: PersonKey,
) -> LeftOut:
    """Compare an answer with what was asked.

    Args:
        told: Code and groups of each person in the answer.
        asked: Code → person_id of each person asked for; empty where the source chose.
        expected: Groups that everybody's basic data must have.
        key: Makes the person_id of a code that was not asked for.
    """
    missing: list[tuple[str, str]] = []
    present: set[str] = set()
    answered: set[str] = set()
    for code, groups in told:
        answered.add(code)
        own = str(key.person_id_of(code))
        person = asked.get(code, own)
        present |= {person, own}
        missing += [(person, group) for group in expected if group not in groups]
    missing += [(person, WHOLE_PERSON) for code, person in asked.items() if code not in answered]
    return LeftOut(tuple(dict.fromkeys(missing)), tuple(sorted(present)))


def remember_left_out(
    cursor: Cursor, batch_id: int, subscription: str, found: LeftOut, asked_at: datetime
) -> None:
    """Write what a landed answer left out, and settle what it has, in the batch's transaction."""
    if found.missing:
        rows = [
            (subscription, person, group, asked_at, asked_at, batch_id)
            for person, group in found.missing
        ]
        execute_values(cursor, _NOTE, rows, page_size=1000)
    values = {
        "at": asked_at,
        "name": subscription,
        "batch": batch_id,
        "persons": list(found.present),
    }
    cursor.execute(_SETTLE, values)


def open_left_out(database: Database, subscription: str) -> dict[str, int]:
    """Group → persons whose data lack it still; `WHOLE_PERSON` → persons not answered at all."""
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "select tietoryhma, count(*) from ledger.not_answered "
            "where subscription = %s and settled_at is null group by tietoryhma order by 1",
            (subscription,),
        )
        return dict(cursor.fetchall())
