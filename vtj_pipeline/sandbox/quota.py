"""How many calls an account has made on a day of the sandbox's clock (contract §1.4).

Keep out what an answer about it looks like (`service.py`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Quota:
    """Counts calls, and says when there were too many.

    Attributes:
        daily: Calls of an account on one day; None is no end.
    """

    def __init__(self, daily: int | None) -> None:
        """Begin with no calls."""
        self.daily = daily
        self._day: date | None = None
        self._calls: Counter[str] = Counter()

    def spend(self, account: str, day: date) -> bool:
        """Count a call; return whether it was still within the quota. Refused ones count too."""
        self._turn(day)
        self._calls[account] += 1
        return self.daily is None or self._calls[account] <= self.daily

    def today(self, day: date) -> dict[str, int]:
        """Return the calls of the day by account."""
        self._turn(day)
        return dict(self._calls)

    def _turn(self, day: date) -> None:
        if day != self._day:
            self._day, self._calls = day, Counter()
