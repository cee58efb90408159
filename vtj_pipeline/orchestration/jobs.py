"""Jobs and schedules: what a person or the night starts.

Keep out automation conditions (`automation.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from vtj_pipeline.source import Subscription

# After midnight in Finland, and clear of the hour that summer time repeats or skips.
NIGHTLY_HOUR = 2
NIGHTLY_MINUTE = 15


def baseline_job_name(subscription: str) -> str:
    """The job that lands a subscription's baseline."""
    return f"{subscription}_baseline"


def changes_job_name(subscription: str) -> str:
    """The job that lands days of changes of a subscription."""
    return f"{subscription}_daily_changes"


def subscription_jobs(
    subscription: Subscription,
) -> tuple[list[object], list[object]]:
    """The jobs of a subscription, and the schedule for yesterday's partition."""
    name = subscription.name
    baseline = dg.define_asset_job(
        baseline_job_name(name),
        selection=dg.AssetSelection.assets([name, "baseline_snapshot"]),
        description="Land the basic data of every person in scope.",
    )
    changes = dg.define_asset_job(
        changes_job_name(name),
        selection=dg.AssetSelection.assets([name, "daily_changes"]),
        description="Land the changes of a day.",
    )
    nightly = dg.build_schedule_from_partitioned_job(
        changes,
        name=f"{name}_nightly",
        hour_of_day=NIGHTLY_HOUR,
        minute_of_hour=NIGHTLY_MINUTE,
        description="Land yesterday's changes; register and views follow by themselves.",
    )
    return [baseline, changes], [nightly]


def shared_jobs() -> list[object]:
    """The jobs to the right of landing."""
    return [
        dg.define_asset_job(
            "register",
            selection=dg.AssetSelection.groups("events", "register"),
            description="Publish everything that has landed.",
        ),
        dg.define_asset_job(
            "views",
            selection=dg.AssetSelection.groups("views", "reference"),
            description="Build and test the views.",
        ),
    ]
