"""Which days there are: every partition day from the first until yesterday, or which are missing.

The chain of cursors (`proof.py`) says whether changes are missing between what has landed. This
says which days a person should fetch, those after the last landed one among them, and which the
source no longer has. Keep out who is told (`orchestration/`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.landing.changes import KEPT_DAYS

if TYPE_CHECKING:
    from vtj_pipeline.landing.proof import Proof


@dataclass(frozen=True)
class Completeness:
    """The days that have ended since a subscription's first one, each in one of four kinds.

    Attributes:
        whole: Landed whole.
        made_up_for: Not landed whole, and nothing of them is missing all the same: the days beside
            them reach over them, or a later baseline made up for them.
        to_fetch: Missing, and the source still keeps them.
        too_late: Missing, and older than the source is known to keep.
    """

    whole: tuple[date, ...]
    made_up_for: tuple[date, ...]
    to_fetch: tuple[date, ...]
    too_late: tuple[date, ...]

    @property
    def days(self) -> int:
        """All of them."""
        return sum(map(len, (self.whole, self.made_up_for, self.to_fetch, self.too_late)))


def completeness(proof: Proof, start: date, today: date) -> Completeness:
    """Sort the days from `start` until the day before `today` (both in Finland)."""
    days = [start + timedelta(days=number) for number in range((today - start).days)]
    missing = [day for day in days if day not in proof.whole | proof.made_up_for]
    return Completeness(
        whole=tuple(day for day in days if day in proof.whole),
        made_up_for=tuple(day for day in days if day in proof.made_up_for),
        to_fetch=tuple(day for day in missing if (today - day).days < KEPT_DAYS),
        too_late=tuple(day for day in missing if (today - day).days >= KEPT_DAYS),
    )


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of each row of days without a gap."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def ranges(days: Iterable[date]) -> list[str]:
    """Days as a person writes them: those in a row as one range, `2026-11-01 to 2026-11-03`."""
    return [f"{one}" if one == last else f"{one} to {last}" for one, last in stretches(days)]
