"""The proof that nothing is missing: the chain of cursors of a subscription, or where it breaks.

A day is whole if every unit of it (everybody, or a part of the code list) landed to its end without
a gap, and begins no later in the journal than what stands before it ended. Overlap is harmless, and
a day that was skipped is no break where the next one reaches back over it. A baseline that was
taken at a later cursor than a break makes up for it. Keep out who is told (`orchestration/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.landing.report import ledger_connection

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database

# When to act on the age of a cursor.
WARN_DAYS, ERROR_DAYS = 2, 7


@dataclass(frozen=True)
class Break:
    """A place where changes may be missing.

    Attributes:
        day: The partition day to fetch again.
        unit: The unit of it; None for the day as a whole.
        after: The last cursor before the break; None if nothing landed before.
        before: The first cursor behind it; None if nothing landed behind.
        reason: What is wrong.
        is_made_up_for: A later baseline was taken behind it.
    """

    day: date
    unit: str | None
    after: int | None
    before: int | None
    reason: str
    is_made_up_for: bool = False

    @property
    def said(self) -> str:
        """One line for a person."""
        unit = f", unit {self.unit}" if self.unit not in (None, "all") else ""
        between = f"between cursor {self.after or 'none'} and {self.before or 'none yet'}"
        return f"{self.day}{unit}: {self.reason}, {between}"


@dataclass(frozen=True)
class Anchor:
    """A place in the journal up to which nothing is missing.

    Attributes:
        cursor: The place.
        at: The moment that it stands for.
        day: The last day that is whole; None where a baseline reaches further.
        run_id: The run that proved it.
        proven_at: When that run had done so.
    """

    cursor: int
    at: datetime
    day: date | None
    run_id: str
    proven_at: datetime


@dataclass(frozen=True)
class Proof:
    """What the ledger proves of a subscription.

    Attributes:
        breaks: Places where changes may be missing, those that a baseline made up for included.
        anchor: How far the chain reaches unbroken; None if nothing is proven.
        behind: Days that have ended and that nothing has landed of since the last one that did.
        whole: The days that are whole.
        made_up_for: Days that have ended and are not whole, of whose changes nothing is missing all
            the same: the days beside them hold them, or a later baseline does.
    """

    subscription: str
    breaks: tuple[Break, ...]
    anchor: Anchor | None
    behind: int
    whole: frozenset[date]
    made_up_for: frozenset[date]

    @property
    def days(self) -> int:
        """How many days are whole."""
        return len(self.whole)

    @property
    def open_breaks(self) -> tuple[Break, ...]:
        """The breaks that nothing has made up for."""
        return tuple(one for one in self.breaks if not one.is_made_up_for)

    @property
    def is_unbroken(self) -> bool:
        """Whether nothing is missing up to the last landed day."""
        return not self.open_breaks

    def age(self, now: datetime) -> timedelta | None:
        """How old the cursor is that the chain reaches; None if nothing is proven."""
        return None if self.anchor is None else now - self.anchor.at


@dataclass(frozen=True)
class _Batch:
    day: date
    unit: str
    first: int
    last: int
    completes: bool
    caught_up: bool
    fetched_to: datetime
    landed_at: datetime
    run_id: str
    torn_at: int | None


@dataclass(frozen=True)
class _Round:
    units: tuple[str, ...]
    run_id: str
    completed_at: datetime | None


@dataclass(frozen=True)
class _Span:
    """The part of the journal that a unit of a day covers."""

    first: int
    last: int


def prove(database: Database, subscription: str, start: date, today: date) -> Proof:
    """What the ledger proves of a subscription.

    Args:
        database: Where the ledger is.
        subscription: Its name.
        start: Its first day.
        today: The day in Finland that has not ended.
    """
    batches, rounds, baselines = _read(database, subscription)
    by_day: dict[date, list[_Batch]] = {}
    for batch in batches:
        # A day under way is not whole, and nothing of it is missing yet.
        if batch.day < today:
            by_day.setdefault(batch.day, []).append(batch)
    chain = _Chain(subscription, by_day, rounds, baselines)
    last = max(by_day, default=None)
    if last is not None:
        first = min(start, *by_day)
        for number in range((last - first).days + 1):
            chain.add(first + timedelta(days=number))
    newest = last or start - timedelta(days=1)
    ended = [start + timedelta(days=number) for number in range((today - start).days)]
    return chain.proof(ended, behind=max((today - newest).days - 1, 0))


class _Chain:
    """Days put one after another."""

    def __init__(
        self,
        subscription: str,
        by_day: dict[date, list[_Batch]],
        rounds: dict[date, _Round],
        baselines: Sequence[Anchor],
    ) -> None:
        self._subscription = subscription
        self._by_day = by_day
        self._rounds = rounds
        self._baselines = baselines
        self._before: dict[str, _Span] = {}
        self._reached: int | None = None
        self._missing: list[date] = []
        self._breaks: list[Break] = []
        self._anchors: list[tuple[Anchor, int]] = []
        self._whole: set[date] = set()

    def add(self, day: date) -> None:
        """Put the next day at the end."""
        batches = self._by_day.get(day)
        if not batches:
            self._missing.append(day)
            return
        units = self._units(day, batches)
        spans: dict[str, _Span] = {}
        faults: list[Break] = []
        for unit in units:
            own = [one for one in batches if one.unit == unit]
            span, found = self._unit(day, unit, own)
            faults += found
            if span is not None:
                spans[unit] = span
        self._breaks += [*self._from_before(day, spans), *faults]
        self._missing = []
        if spans:
            self._reached = min(span.last for span in spans.values())
        self._before = spans
        if not faults:
            self._whole.add(day)
            self._anchor(day, [one for one in batches if one.unit in units])

    def _from_before(self, day: date, spans: dict[str, _Span]) -> list[Break]:
        """What is missing between what stands and this day, where that is not the day before."""
        start = max((span.first for span in spans.values()), default=None)
        if self._reached is None:
            known = max((one.cursor for one in self._baselines), default=None)
            if start is not None and known is not None and known < start:
                reason = "the changes begin behind the baseline"
                found = self._break(day, None, known, start, reason, before_day=day)
                return [] if found.is_made_up_for else [found]
        elif start is not None and start <= self._reached:
            return []
        return [
            self._break(missing, None, self._reached, start, "nothing has landed", before_day=day)
            for missing in self._missing
        ]

    def proof(self, ended: Sequence[date], *, behind: int) -> Proof:
        """What the days prove together; `ended` are those that there should be."""
        open_places = [place for place, one in enumerate(self._breaks) if not one.is_made_up_for]
        first_open = min(open_places, default=len(self._breaks))
        reached = [anchor for anchor, breaks in self._anchors if breaks <= first_open]
        everything = [*reached, *self._baselines]
        return Proof(
            self._subscription,
            tuple(self._breaks),
            max(everything, key=lambda one: (one.cursor, one.day or date.min), default=None),
            behind,
            frozenset(self._whole),
            frozenset(day for day in ended if day not in self._whole and self._is_made_up_for(day)),
        )

    def _is_made_up_for(self, day: date) -> bool:
        """Whether nothing is missing of a day that is not whole."""
        if any(one.at.astimezone(HELSINKI).date() > day for one in self._baselines):
            return True
        first, last = min(self._by_day, default=day), max(self._by_day, default=day)
        # Before the first landed day and after the last one there is nothing beside a day.
        is_open = any(one.day == day and not one.is_made_up_for for one in self._breaks)
        return first < day < last and not is_open

    def _units(self, day: date, batches: list[_Batch]) -> list[str]:
        if day in self._rounds:
            return list(self._rounds[day].units)
        return list(dict.fromkeys(one.unit for one in batches))

    def _unit(
        self, day: date, unit: str, batches: list[_Batch]
    ) -> tuple[_Span | None, list[Break]]:
        if not batches:
            return None, [self._break(day, unit, self._reached, None, "nothing has landed")]
        faults = []
        ordered = sorted(batches, key=lambda one: (one.first, one.last))
        reached = ordered[0].last
        for one in ordered:
            if one.torn_at is not None:
                faults.append(
                    self._break(day, unit, one.first, one.torn_at, "answers do not follow")
                )
            if one.first > reached:
                faults.append(self._break(day, unit, reached, one.first, "batches do not follow"))
            reached = max(reached, one.last)
        span = _Span(ordered[0].first, reached)
        if not any(one.completes for one in batches):
            faults.append(self._break(day, unit, reached, None, "it has not landed to its end"))
        before = self._before[unit].last if unit in self._before else self._reached
        if before is not None and span.first > before and not self._missing:
            reason = "it begins behind the end of the day before"
            faults.append(self._break(day, unit, before, span.first, reason))
        return span, faults

    def _break(
        self,
        day: date,
        unit: str | None,
        after: int | None,
        before: int | None,
        reason: str,
        *,
        before_day: date | None = None,
    ) -> Break:
        """A break; `before_day` is the first day behind it, where it is not within one day."""
        # A day begins where the day before it does, so that a baseline of that day is in time. A
        # journal in which little happens may give the same place by two cursors: days decide too.
        in_time = day + timedelta(days=1) if before_day is None else before_day - timedelta(days=1)
        made_up = any(
            (before is not None and one.cursor >= before)
            or one.at.astimezone(HELSINKI).date() >= in_time
            for one in self._baselines
        )
        return Break(day, unit, after, before, reason, made_up)

    def _anchor(self, day: date, batches: list[_Batch]) -> None:
        last = max(batches, key=lambda one: one.landed_at)
        known = self._rounds.get(day)
        completed = known.completed_at if known else None
        assert self._reached is not None
        next_day = datetime.combine(day + timedelta(days=1), time(), HELSINKI)
        is_caught_up = all(one.caught_up for one in batches if one.completes)
        at = min(one.fetched_to for one in batches if one.completes) if is_caught_up else next_day
        anchor = Anchor(
            self._reached,
            max(at, next_day),
            day,
            known.run_id if known and completed else last.run_id,
            completed or last.landed_at,
        )
        self._anchors.append((anchor, len(self._breaks)))


def _read(
    database: Database, subscription: str
) -> tuple[list[_Batch], dict[date, _Round], list[Anchor]]:
    text = files(__package__).joinpath("proof.sql").read_text("utf-8")
    found = []
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        for statement in text.split("\n----\n"):
            cursor.execute(statement, {"subscription": subscription})
            found.append(cursor.fetchall())
    batches, rounds, baselines = found
    return (
        [_Batch(*row) for row in batches],
        {day: _Round(tuple(units), run, at) for day, units, run, at in rounds},
        [
            Anchor(cursor, datetime.combine(day, time(), HELSINKI), None, run_id, completed_at)
            for run_id, completed_at, cursor, day in baselines
        ],
    )
