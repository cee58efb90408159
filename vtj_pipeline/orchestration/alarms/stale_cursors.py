"""Alarms of cursors that grow old, read from the ledger: they come although no run comes.

Keep out how the age is proven (`landing/proof.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from vtj_pipeline.alarms import Alarm, Due, Memory, Severity
from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.landing import create_ledger, prove
from vtj_pipeline.landing.changes import KEPT_DAYS
from vtj_pipeline.landing.proof import ERROR_DAYS, WARN_DAYS
from vtj_pipeline.orchestration.landing_checks import cursor_days
from vtj_pipeline.postgres import running_database

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.alarms.links import Links
    from vtj_pipeline.orchestration.deployment import Deployment

# Nobody is woken to be told once more: for repetitions a day begins when the checks run.
_MORNING = timedelta(hours=7)
_LOST = (
    "The source does not keep these changes any more. Take the baseline again, which makes up for "
    "them: vtj-pipeline run baseline --fetch-again."
)
_LAND = (
    "See that Dagster's daemon runs and the schedule of {name} is on, and why its last run "
    "failed if there is one; then land the missing days: {days}."
)
_DAYS = "vtj-pipeline run changes {first} {last} --subscription {name}"
_BROKEN = "those that the check chain_of_cursors names, by vtj-pipeline run changes FROM TO"


@dataclass(frozen=True)
class Age:
    """How old a subscription's cursor is.

    Attributes:
        subscription: Its name.
        days: Since the moment that the cursor stands for, or since the first day's beginning where
            nothing has landed.
        behind: Days that have ended and that nothing has landed of.
        has_landed: Anything.
        within: What the keys of its assets begin with.
    """

    subscription: str
    days: float
    behind: int
    has_landed: bool
    within: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How soon somebody should look."""
        if self.days >= ERROR_DAYS:
            return Severity.ERROR
        return Severity.WARN if self.days >= WARN_DAYS else Severity.OK


def cursor_ages(deployment: Deployment, now: datetime) -> list[Age]:
    """How old every subscription's cursor is.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    today = now.astimezone(HELSINKI).date()
    ages = []
    with running_database(deployment.settings) as database:
        create_ledger(database)
        for one in deployment.subscriptions:
            proof = prove(database, one.name, one.start_date, today)
            days = cursor_days(proof, one, now)
            has_landed = proof.anchor is not None
            ages.append(Age(one.name, days, proof.behind, has_landed, deployment.within))
    return ages


def stale_cursors(
    ages: Sequence[Age], now: datetime, links: Links, memory: Memory | None
) -> Iterator[Due]:
    """What a notifier has to tell of the cursors: at once, then every morning, and that it is over.

    Its memory has an entry for each subscription that it has told as stale: how severely, and when.

    Args:
        ages: How old the cursors are.
        now: The present moment.
        links: Addresses in the UI.
        memory: What the notifier has told.
    """
    names = {one.subscription for one in ages}
    told: dict[str, Any] = {name: one for name, one in (memory or {}).items() if name in names}
    yield Due(None, dict(told))
    for one in ages:
        before = told.get(one.subscription)
        if one.severity is Severity.OK:
            if before is not None:
                del told[one.subscription]
                yield Due(_alarm(one, now, links), dict(told))
        elif before is None or _is_news(one, before, now):
            told[one.subscription] = {"severity": one.severity.value, "told_at": now.isoformat()}
            yield Due(_alarm(one, now, links), dict(told))


def _is_news(one: Age, before: dict[str, str], now: datetime) -> bool:
    last = datetime.fromisoformat(before["told_at"])
    return before["severity"] != one.severity.value or _morning(last) < _morning(now)


def _morning(at: datetime) -> str:
    """The day that a moment belongs to, if days begin in the morning."""
    return (at.astimezone(HELSINKI).replace(tzinfo=None) - _MORNING).date().isoformat()


def _alarm(one: Age, now: datetime, links: Links) -> Alarm:
    is_over = one.severity is Severity.OK
    old = f"{one.days:.1f} days old; the source keeps changes for {KEPT_DAYS}."
    whose = f"The cursor up to which nothing is missing of {one.subscription} is {old}"
    if not one.has_landed:
        whose = f"Nothing of {one.subscription} has landed yet: its first day is {old}"
    land = _LOST if one.days >= KEPT_DAYS else _land(one, now)
    title = "Cursor is young again" if is_over else "Cursor is old"
    return Alarm(
        kind="cursor_young" if is_over else "cursor_stale",
        severity=one.severity,
        title=f"{title}: {one.subscription}",
        what=whose,
        where=f"subscription {one.subscription}",
        to_do="Nothing." if is_over else land,
        at=now,
        incidents=(f"cursor/{one.subscription}",),
        key=f"cursor/{one.subscription}/{one.severity}/{_morning(now)}",
        counts={"days": round(one.days, 1), "days_behind": one.behind},
        link=links.partitions(dg.AssetKey([*one.within, one.subscription, "daily_changes"])),
    )


def _land(one: Age, now: datetime) -> str:
    today = now.astimezone(HELSINKI).date()
    first, last = today - timedelta(days=one.behind), today - timedelta(days=1)
    days = _DAYS.format(first=first, last=last, name=one.subscription) if one.behind else _BROKEN
    return _LAND.format(name=one.subscription, days=days)
