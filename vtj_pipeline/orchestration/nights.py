"""What fetches the changes by itself: the schedule of a subscription, and what it asks for.

A tick reads in the ledger which days are missing, so that an outage is made up for without a hand,
whichever ticks and runs were lost in it. Keep out the jobs (`jobs.py`) and what follows a landing
(`automation.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.landing import (
    completeness,
    create_ledger,
    prove,
    ranges,
    stretches,
    was_refused_since,
)
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.runs import UNFINISHED, range_tags
from vtj_pipeline.postgres import running_database

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.source import Subscription

CATCHES_UP = "vtj/catches_up"
"""Tag of a run that fetches more than the night's one day: the days, as a person writes them."""
# A night that failed is tried again each hour; once nothing is missing, nothing is asked for.
_TRIES = 5


@dataclass(frozen=True)
class ToFetch:
    """The days that a tick asks for.

    Attributes:
        days: In order.
        too_late: Missing days that the source no longer keeps.
        refused: Whether the source has refused our credentials or the service today.
    """

    days: tuple[date, ...]
    too_late: tuple[date, ...]
    refused: bool


def schedule_name(subscription: Subscription) -> str:
    """The name of the schedule that fetches a subscription's changes."""
    return f"{subscription.name}_{'hourly' if subscription.is_hourly else 'nightly'}"


def changes_schedule(
    deployment: Deployment, subscription: Subscription, job: str, also: Sequence[str]
) -> dg.ScheduleDefinition:
    """The schedule that fetches a subscription's changes; on unless its rhythm is `off`.

    Args:
        deployment: Settings and clock.
        subscription: Whose changes.
        job: The job that lands days and publishes them.
        also: Other jobs that ask the source for this subscription.
    """

    @dg.schedule(
        name=schedule_name(subscription),
        job_name=job,
        cron_schedule=_cron(subscription),
        execution_timezone=HELSINKI.key,
        default_status=(
            dg.DefaultScheduleStatus.STOPPED
            if subscription.rhythm == "off"
            else dg.DefaultScheduleStatus.RUNNING
        ),
        description=_description(subscription),
    )
    @guarded
    def fetch_changes(
        context: dg.ScheduleEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        under_way = _under_way(context.instance, (job, *also), deployment.run_tags)
        if under_way is not None:
            yield dg.SkipReason(f"Run {under_way} asks the source already: one at a time.")
            return
        found = to_fetch(deployment, subscription)
        if found.too_late:
            context.log.warning(
                "The source no longer keeps %s: take a new baseline (vtj-pipeline run baseline "
                "--fetch-again).",
                ", ".join(ranges(found.too_late)),
            )
        if found.refused:
            yield dg.SkipReason(
                "The source has refused our credentials or the service today (401 or 403): it is "
                "not asked again by itself until tomorrow. Put that right and start the job "
                f"{job}, or vtj-pipeline run changes."
            )
            return
        if not found.days:
            yield dg.SkipReason("Every day until yesterday has landed.")
            return
        context.log.info("%s: fetching %s.", subscription.name, ", ".join(ranges(found.days)))
        for first, last in stretches(found.days):
            yield _request(context.scheduled_execution_time, first, last)

    return fetch_changes


def to_fetch(deployment: Deployment, subscription: Subscription) -> ToFetch:
    """What a subscription lacks now, as the ledger has it."""
    today = deployment.today
    midnight = datetime.combine(today, time(), HELSINKI)
    with running_database(deployment.settings) as database:
        create_ledger(database)
        proof = prove(database, subscription.name, subscription.start_date, today)
        refused = was_refused_since(database, subscription.name, midnight)
    found = completeness(proof, subscription.start_date, today)
    under_way = (today,) if subscription.is_hourly and subscription.start_date <= today else ()
    return ToFetch((*found.to_fetch, *under_way), found.too_late, refused)


def _cron(subscription: Subscription) -> str:
    begins = subscription.night_at
    if subscription.is_hourly:
        return f"{begins.minute} * * * *"
    return f"{begins.minute} {begins.hour}-{begins.hour + _TRIES} * * *"


def _description(subscription: Subscription) -> str:
    what = "today's changes so far" if subscription.is_hourly else "yesterday's changes"
    return (
        f"Lands {what} and every earlier day that is missing and that the source still keeps, "
        "publishes them, and asks anew for whom they say; what the answers change and the views "
        "follow by themselves. A tick that finds nothing missing, or a run that asks the source "
        "already, does nothing. The subscriptions file sets it: rhythm and night_at."
    )


def _under_way(
    instance: dg.DagsterInstance, jobs: Sequence[str], tags: Mapping[str, str]
) -> str | None:
    """The run of one of these jobs that has not ended, if there is one."""
    for job in jobs:
        wanted = dg.RunsFilter(job_name=job, statuses=UNFINISHED, tags=tags)
        for run in instance.get_runs(wanted, limit=1):
            return run.run_id
    return None


def _request(tick: datetime, first: date, last: date) -> dg.RunRequest:
    """One run for a stretch of days; the tick's time, so that the next one may try again."""
    key = f"{tick.isoformat()} {first} {last}"
    if first == last:
        return dg.RunRequest(run_key=key, partition_key=first.isoformat())
    tags = {**range_tags(first, last), CATCHES_UP: f"{first} to {last}"}
    return dg.RunRequest(run_key=key, tags=tags)
