"""Days on which Finland's offices are closed, so that few changes are recorded.

Public holidays that are no Sunday, and the two eves on which nobody works. Keep out weekends: the
usual of a weekday knows them.
"""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.easter import easter

# New Year, Epiphany, May Day, Independence Day, Christmas Eve, Christmas Day, Boxing Day.
_FIXED = {(1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)}
_FRIDAY = 4


def is_holiday(day: date) -> bool:
    """Whether offices are closed on a day that is no weekend of itself."""
    if (day.month, day.day) in _FIXED:
        return True
    sunday = easter(day.year)
    # Good Friday, Easter Monday, Ascension Day.
    if day - sunday in {timedelta(days=-2), timedelta(days=1), timedelta(days=39)}:
        return True
    # Midsummer Eve: the Friday between 19 and 25 June.
    return day.month == 6 and 19 <= day.day <= 25 and day.weekday() == _FRIDAY
