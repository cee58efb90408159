"""Alarms of failed runs: any job, started by anybody.

They are read from the event log, behind the last one that was told. Runs that failed one after
another in the same way are one alarm. Keep out errors' words (`orchestration/failures.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from vtj_pipeline.alarms import Alarm, Due, Memory, Severity
from vtj_pipeline.orchestration.failures import chain, class_of, our_error

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.alarms.links import Links

_EVENTS = 100
# Events get their numbers before they are there to be read: a younger one may still lack an elder.
_SETTLED = timedelta(seconds=15)
_RETRIED = "dagster/will_retry"
_ANONYMOUS = "__ASSET_JOB"
_NAMED = 3
_TO_DO = (
    "Open the run in the UI and see what its failed step says; then start it again. What was "
    "landed and published before stays, and is not done twice."
)
_TO_DO_NOTHING = (
    "Nothing yet: Dagster starts it once more by itself, and you are told if that fails."
)


@dataclass(frozen=True)
class _Failed:
    """A run that failed."""

    storage_id: int
    at: datetime
    run: dg.DagsterRun
    cause: str

    @property
    def is_retried(self) -> bool:
        return self.run.tags.get(_RETRIED) == "true"

    @property
    def job(self) -> str:
        """The job, or what was chosen of assets where somebody pressed Materialize."""
        if self.run.job_name != _ANONYMOUS:
            return self.run.job_name
        checked = self.run.asset_check_selection or ()
        names = sorted(key.to_user_string() for key in self.run.asset_selection or ())
        names = names or sorted({key.asset_key.to_user_string() for key in checked})
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return ", ".join(names[:_NAMED]) + more or "assets"

    @property
    def days(self) -> tuple[str, str] | None:
        """First and last partition."""
        tags = self.run.tags
        one = tags.get("dagster/partition")
        first = tags.get(ASSET_PARTITION_RANGE_START_TAG) or one
        last = tags.get(ASSET_PARTITION_RANGE_END_TAG) or one
        return (first, last) if first and last else None


def failed_runs(
    instance: dg.DagsterInstance,
    now: datetime,
    links: Links,
    memory: Memory | None,
    tags: Mapping[str, str] | None = None,
) -> Iterator[Due]:
    """The failed runs that a notifier has not told yet, oldest first.

    Its memory is the storage id of the last one. A new notifier begins with what fails from now
    on.

    Args:
        instance: Where runs are kept.
        now: The present moment.
        links: Addresses in the UI.
        memory: What the notifier has told.
        tags: Of the runs that are told, where others' runs stand in the instance, too.
    """
    if memory is None:
        yield Due(None, {"position": _newest(instance)})
        return
    for _, group in groupby(
        _after(instance, memory["position"], now, tags or {}),
        lambda one: (one.job, one.cause, one.is_retried),
    ):
        failed = list(group)
        yield Due(_alarm(failed, links), {"position": failed[-1].storage_id})


def _newest(instance: dg.DagsterInstance) -> int:
    records = instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records
    return records[0].storage_id if records else 0


def _after(
    instance: dg.DagsterInstance, position: int, now: datetime, tags: Mapping[str, str]
) -> Iterator[_Failed]:
    events = instance.fetch_run_status_changes(
        dg.RunStatusChangeRecordsFilter(
            event_type=dg.DagsterEventType.RUN_FAILURE, after_storage_id=position
        ),
        limit=_EVENTS,
        ascending=True,
    ).records
    newest = (now - _SETTLED).timestamp()
    for event in takewhile(lambda one: one.timestamp <= newest, events):
        # A run that somebody has deleted needs nobody's attention.
        run = instance.get_run_by_id(event.run_id)
        if run is not None and tags.items() <= run.tags.items():
            at = datetime.fromtimestamp(event.timestamp, UTC)
            yield _Failed(event.storage_id, at, run, _cause(event.event_log_entry.dagster_event))


def _cause(event: dg.DagsterEvent | None) -> str:
    data: Any = event.event_specific_data if event else None
    error = getattr(data, "error", None)
    ours = [str(one) for one in map(our_error, chain(error)) if one is not None and str(one)]
    if ours:
        return ours[0]
    name = class_of(error)
    if name is not None:
        return (
            f"It ended with {name}. What that error says is not sent, since it may quote data: it "
            "stands in the run."
        )
    reason = getattr(getattr(data, "failure_reason", None), "value", "no reason given")
    return f"It ended without an error of its own ({reason}): its process was stopped or is gone."


def _alarm(failed: Sequence[_Failed], links: Links) -> Alarm:
    last = failed[-1]
    days = [day for one in failed if one.days for day in one.days]
    span = f", days {min(days)} to {max(days)}" if days else ""
    if days and min(days) == max(days):
        span = f", day {days[0]}"
    several = f"{len(failed)} runs" if len(failed) > 1 else "Run"
    return Alarm(
        kind="run_failed",
        severity=Severity.WARN if last.is_retried else Severity.ERROR,
        title=f"{several} failed: {last.job}",
        what=last.cause,
        where=f"job {last.job}{span}",
        to_do=_TO_DO_NOTHING if last.is_retried else _TO_DO,
        at=last.at,
        incidents=tuple(f"run/{one.run.run_id}" for one in failed),
        key=f"run/{last.run.run_id}/{last.storage_id}",
        counts={"runs": len(failed)},
        link=links.run(last.run.run_id),
        run_id=last.run.run_id,
    )
