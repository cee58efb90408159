"""How many messages the newest landed day has, against what is usual for its weekday.

Counts come from the ledger alone. The usual is the median of the same weekday in the weeks before,
holidays left out, and what is allowed around it follows from how much these days differ among
themselves, so that a subscription is only ever held against itself. Keep out who is told
(`orchestration/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

from vtj_pipeline.landing.holidays import is_holiday
from vtj_pipeline.landing.report import ledger_connection

if TYPE_CHECKING:
    from vtj_pipeline.landing.proof import Proof
    from vtj_pipeline.postgres import Database

WEEKS = 8
"""How many days of the same weekday are looked back at."""
ENOUGH = 4
"""How many of them there must be."""
FEW = 20
"""Where neither the day nor the usual has as many messages, chance decides."""
# Half as much again or half as little, or further where the weekday itself goes further: five
# times the spread that its median absolute deviation stands for, or that chance alone would give.
_SHARE, _SPREADS, _OF_DEVIATION = 0.5, 5.0, 1.4826


@dataclass(frozen=True)
class Volume:
    """The newest whole day of a subscription and the usual of its weekday.

    Attributes:
        day: The day; None if none is whole.
        messages: Messages that landed for it.
        compared: How many days of the same weekday it was held against.
        usual: Their median; None where the day is not judged.
        lowest: Fewest messages that are nothing to look at.
        highest: Most.
        why_not: Why the day is not judged; empty if it is.
    """

    day: date | None
    messages: int = 0
    compared: int = 0
    usual: float | None = None
    lowest: float = 0.0
    highest: float = 0.0
    why_not: str = ""

    @property
    def is_usual(self) -> bool:
        """Whether there is nothing to look at."""
        return self.usual is None or self.lowest <= self.messages <= self.highest


def newest_volume(database: Database, proof: Proof) -> Volume:
    """Judge the newest whole day of the subscription that a proof is of."""
    day = max(proof.whole, default=None)
    if day is None:
        return Volume(None, why_not="nothing has landed whole")
    values = {"subscription": proof.subscription, "since": day - timedelta(weeks=WEEKS)}
    text = files(__package__).joinpath("volumes.sql").read_text("utf-8")
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(text, {**values, "until": day})
        found = cursor.fetchall()
    messages = {one: number for one, number, is_comparable in found if is_comparable}
    return judge(day, {one: messages[one] for one in messages if one in proof.whole})


def judge(day: date, messages: Mapping[date, int]) -> Volume:
    """Hold a day against the days before it.

    Args:
        day: Which one.
        messages: By day, of the days that can be held against each other.
    """
    if day not in messages:
        return Volume(day, why_not="it reaches back over the day before, which is counted with it")
    weekday = [day - timedelta(weeks=number) for number in range(1, WEEKS + 1)]
    before = [messages[one] for one in weekday if one in messages and not is_holiday(one)]
    found = Volume(day, messages[day], len(before))
    if len(before) < ENOUGH:
        return replace(found, why_not=f"fewer than {ENOUGH} days of its weekday are comparable")
    # Of an odd number of days the median is a whole number.
    usual = float(median(before))
    if max(usual, found.messages) < FEW:
        return replace(found, why_not="so few messages tell nothing")
    spread = max(_OF_DEVIATION * median(abs(one - usual) for one in before), sqrt(usual))
    allowed = max(_SHARE * usual, _SPREADS * spread)
    # Nobody works on a holiday, so that few messages are no news.
    lowest = 0.0 if is_holiday(day) else max(usual - allowed, 0.0)
    return replace(found, usual=usual, lowest=lowest, highest=usual + allowed)
