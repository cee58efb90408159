"""The present moment, and the day that it is in Finland.

What must be repeatable takes a `Clock`; only its outermost caller gives it the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
Clock = Callable[[], datetime]
"""Gives the present moment, with a time zone."""


def utc_now() -> datetime:
    """The present moment by this machine, in UTC."""
    return datetime.now(UTC)


def day_in_finland(moment: datetime) -> date:
    """The calendar day in Finland that a moment belongs to."""
    return moment.astimezone(HELSINKI).date()


def today_in_finland() -> date:
    """The day that it is in Finland now, by this machine."""
    return day_in_finland(utc_now())
