"""Whose basic data must be asked for anew, as the register and the ledger stand.

Add a reason that the register can tell here. Keep out asking (`landing/refresh.py`) and the
requests that follow from landed answers, which publication writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.landing import ABSENT, RefreshCandidate, RefreshRequest
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.postgres import Database

PROTECTION_PAST_END = "protection_past_end"
# The most pressing first: persons of whom nothing is known, then those who cannot be followed.
REASONS = (
    "new_in_scope",
    "code_changed",
    "protection_changed",
    PROTECTION_PAST_END,
    "anomaly",
    "quarantine",
    ABSENT,
)
ASKED_AGAIN_AFTER_DAYS = 7


def refresh_candidates(
    database: Database,
    subscription: str,
    today: date,
    *,
    again_after_days: int = ASKED_AGAIN_AFTER_DAYS,
) -> list[RefreshCandidate]:
    """The members of a subscription to ask for, each once, the most pressing first.

    A member is due by a request of the register, by a protection order that ended before `today`
    with no answer since, or by an answer that left them out `again_after_days` ago. Who was asked
    for on account of the same requests within `again_after_days` is left out, whether the source
    kept silent or its answer still waits to be published. A candidate carries all of the person's
    requests, since one answer settles them.

    Args:
        database: Where register and ledger stand.
        subscription: Whose members.
        today: A day in Finland.
        again_after_days: Days until a request is asked again.
    """
    statement = render(
        "refresh_candidates.sql",
        reasons=list(REASONS),
        past_end=PROTECTION_PAST_END,
        absent=ABSENT,
    )
    values = {"subscription": subscription, "today": today, "days": again_after_days}
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return [
                RefreshCandidate(
                    person_id=person_id,
                    identity_code=code,
                    requests=tuple(
                        RefreshRequest(*each) for each in zip(reasons, recorded, strict=True)
                    ),
                )
                for person_id, code, reasons, recorded in cursor.fetchall()
            ]
    finally:
        connection.close()


def codes_of_listed(database: Database, subscription: str) -> list[str]:
    """Every code that the persons of a subscription's code list are known by, old and new.

    Changes may be told under either (contract §4.5). A code that another person has as well is left
    out: it would bring a stranger's data.
    """
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(render("listed_codes.sql"), {"subscription": subscription})
            return [code for (code,) in cursor.fetchall()]
    finally:
        connection.close()
