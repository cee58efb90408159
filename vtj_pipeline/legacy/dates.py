"""Dates of the old files: eight digits, zeros for what is not known.

Add a form here when one turns up. Keep out which field holds a date (`catalogue/legacy.py`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vtj_pipeline.catalogue.legacy import UNTIL_FURTHER_NOTICE

if TYPE_CHECKING:
    from numpy.typing import NDArray

PartialDate = dict[str, str]
_DAYS = np.array([31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def impossible(
    content: NDArray[np.uint8],
    at: NDArray[np.int64],
    *,
    open_end: bool = False,
) -> NDArray[np.int64]:
    """Which of the dates that begin at these places are none, by their index.

    Args:
        content: The bytes.
        at: Where each date begins.
        open_end: Whether `99990000` is one: until further notice.
    """
    if len(at) == 0:
        return np.empty(0, dtype=np.int64)
    digits = content[at[:, None] + np.arange(8)].astype(np.int64) - ord("0")
    blank = (digits == ord(" ") - ord("0")).all(axis=1)
    numeric = ((digits >= 0) & (digits <= 9)).all(axis=1)
    values = digits @ np.array([10**n for n in range(7, -1, -1)])
    year, month, day = values // 10000, values // 100 % 100, values % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    most = _DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    right = numeric & (month <= 12) & (day <= most) & ~((month == 0) & (day != 0))
    # A year that is not known makes the rest of a date mean nothing.
    right |= numeric & (year == 0)
    if open_end:
        right |= values == int(UNTIL_FURTHER_NOTICE)
    right |= blank
    return np.flatnonzero(~right)


@lru_cache(maxsize=100_000)
def is_day(text: str) -> bool:
    """Whether eight digits are a day of the calendar, year, month and day known."""
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=100_000)
def partial_date(text: str) -> PartialDate | None:
    """A date as the interface writes it; None where none is given."""
    if len(text) != 8 or text.startswith("0000") or text == UNTIL_FURTHER_NOTICE:
        return None
    year, month, day = text[:4], text[4:6], text[6:]
    if month == "00":
        return {"arvo": f"{year}-01-01", "tarkkuus": "VUOSI"}
    if day == "00":
        return {"arvo": f"{year}-{month}-01", "tarkkuus": "KUUKAUSI"}
    return {"arvo": f"{year}-{month}-{day}", "tarkkuus": "PAIVA"}
