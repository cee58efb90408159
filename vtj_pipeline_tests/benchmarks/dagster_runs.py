"""Dagster's runs as its API tells of them: what each was for, and where its seconds went.

Keep out what is measured with it (`backfill.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from vtj_pipeline_tests.orchestration.ui import ask

if TYPE_CHECKING:
    import httpx

UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")
_RUNS = """query($after: Float!) { runsOrError(filter: {createdAfter: $after}) { ... on Runs {
  results { runId jobName status tags { key value } assetSelection { path }
    stats { ... on RunStatsSnapshot { enqueuedTime launchTime startTime endTime } }
    stepStats { stepKey startTime endTime } } } } }"""
_RANGE = "dagster/asset_partition_range_"


@dataclass(frozen=True)
class Run:
    """One run, in seconds.

    Attributes:
        kind: `changes`, `register`, `views`, `register and views`, or else the job's name.
        status: As Dagster has it.
        days: Partitions of it.
        waited: In the queue.
        overhead: Outside its steps: from its launch to its first step, and from its last one to
            its end. The process starts, and imports the program.
        work: In its steps.
        ended: When, as a Unix time; None while it has not.
    """

    run_id: str
    kind: str
    status: str
    days: int
    waited: float
    overhead: float
    work: float
    ended: float | None


@dataclass(frozen=True)
class Kind:
    """All runs of one kind, in seconds."""

    kind: str
    runs: int
    days: int
    waited: float
    overhead: float
    work: float


def runs_after(client: httpx.Client, moment: float) -> list[Run]:
    """The runs that were asked for after a Unix time."""
    return [_run(one) for one in ask(client, _RUNS, after=moment)["runsOrError"]["results"]]


def by_kind(runs: Iterable[Run]) -> list[Kind]:
    """The runs of each kind together."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.kind, []).append(run)
    return [
        Kind(
            kind,
            len(of),
            sum(run.days for run in of),
            sum(run.waited for run in of),
            sum(run.overhead for run in of),
            sum(run.work for run in of),
        )
        for kind, of in sorted(found.items())
    ]


def _run(told: dict[str, Any]) -> Run:
    stats, tags = told["stats"], {one["key"]: one["value"] for one in told["tags"]}
    steps = [one for one in told["stepStats"] if one["startTime"] and one["endTime"]]
    launched, ended = stats.get("launchTime"), stats.get("endTime")
    work = sum(one["endTime"] - one["startTime"] for one in steps)
    return Run(
        run_id=told["runId"],
        kind=_kind(told),
        status=told["status"],
        days=_days(tags),
        waited=(launched or 0) - (stats.get("enqueuedTime") or launched or 0),
        overhead=max(0.0, ended - launched - work) if ended and launched else 0.0,
        work=work,
        ended=ended,
    )


def _kind(told: dict[str, Any]) -> str:
    paths = [one["path"] for one in told["assetSelection"] or ()]
    if any(path[-1] == "daily_changes" for path in paths):
        return "changes"
    layers = {"events": "register", "register": "register", "statistics": "views"}
    found = sorted({layers[path[0]] for path in paths if path[0] in layers})
    return " and ".join(found) or str(told["jobName"])


def _days(tags: dict[str, str]) -> int:
    first, last = tags.get(f"{_RANGE}start"), tags.get(f"{_RANGE}end")
    if first and last:
        return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    return 1 if "dagster/partition" in tags else 0
