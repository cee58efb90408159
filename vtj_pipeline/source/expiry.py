"""Whether a refusal means that what was asked for is too old: the same call for something younger.

What the source says of a cursor that it no longer keeps is not known, nor how long it keeps one
(contract §2.6 #9, §9 #9). If it answers today's cursor and refuses the old one, age is the reason.
Keep out what a person is told (`refusals.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from vtj_pipeline.errors import CursorExpired, SourceError, SourceRefused, VtjError

# Credentials and the permit are no matter of age, and 410 needs no second question.
_CLEAR = (401, 403, 410)


def may_be_age(error: SourceError) -> bool:
    """Whether a younger question would tell why this one was refused."""
    status = error.status or 0
    return 400 <= status < 500 and status not in _CLEAR


def is_too_old(
    asked: int | date,
    today: date,
    cursor_of_day: Callable[[date], int],
    changes_after: Callable[[int], object],
) -> bool | None:
    """Whether the source answers for today what it refused for `asked`.

    Args:
        asked: The cursor after which changes were asked for, or the day of a cursor.
        today: The day that it is in Finland.
        cursor_of_day: Asks for the cursor of a day.
        changes_after: Asks for the changes after a cursor, else as they were asked for.

    Returns:
        None if it cannot be told: the source did not answer this time.
    """
    if isinstance(asked, date) and asked >= today:
        return False
    try:
        young = cursor_of_day(today)
    except VtjError as error:
        return False if isinstance(asked, date) and isinstance(error, SourceRefused) else None
    if isinstance(asked, date):
        return True
    return young > asked and _is_answered(changes_after, young)


def _is_answered(changes_after: Callable[[int], object], young: int) -> bool | None:
    try:
        # Nothing of the answer is kept: its day lands in its own time.
        changes_after(young)
    except (SourceRefused, CursorExpired):
        return False
    except VtjError:
        return None
    return True
