"""Jobs and schedules: what a person or the night starts.

Keep out automation conditions (`automation.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.orchestration.nights import changes_schedule

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.source import Subscription

# Sunday, when the source is least asked, and clear of the night.
RECONCILE_CRON = "30 4 * * 0"
# When somebody is about to look, whether or not the night ran.
PROOF_CRON = "0 7 * * *"
REGISTER_FILES_JOB = "register_files"


def baseline_job_name(subscription: str) -> str:
    """The job that lands a subscription's baseline."""
    return f"{subscription}_baseline"


def changes_job_name(subscription: str) -> str:
    """The job that lands days of changes of a subscription."""
    return f"{subscription}_daily_changes"


def refresh_job_name(subscription: str) -> str:
    """The job that asks anew for persons of a subscription."""
    return f"{subscription}_refresh"


def night_job_name(subscription: str) -> str:
    """The job that the night starts for a subscription."""
    return f"{subscription}_night"


def reconcile_job_name(subscription: str) -> str:
    """The job that holds the register against the source for a subscription."""
    return f"{subscription}_reconcile"


def proof_job_name(subscription: str) -> str:
    """The job that checks what the ledger proves of a subscription."""
    return f"{subscription}_proof"


def legacy_job_name(subscription: str) -> str:
    """The job that lands a subscription's old files."""
    return f"{subscription}_legacy"


def handover_job_name(subscription: str) -> str:
    """The job that holds a subscription's old files against its baseline."""
    return f"{subscription}_legacy_handover"


def subscription_jobs(
    deployment: Deployment, subscription: Subscription
) -> tuple[list[object], list[object]]:
    """The jobs of a subscription, and its schedules."""
    name = subscription.name
    baseline = dg.define_asset_job(
        baseline_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "baseline_snapshot")),
        description="Land the basic data of every person in scope.",
    )
    changes = dg.define_asset_job(
        changes_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "daily_changes")),
        description="Land the changes of a day.",
    )
    refresh = dg.define_asset_job(
        refresh_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "person_refresh")),
        description="Ask anew for the persons of whom the register says that it must.",
    )
    # A refresh asks on account of what the night's changes told, so that the register comes
    # between. It is published a second time by the automation, if the refresh landed anything.
    night = dg.define_asset_job(
        night_job_name(name),
        selection=dg.AssetSelection.assets(
            deployment.key(name, "daily_changes"), deployment.key(name, "person_refresh")
        )
        | dg.AssetSelection.groups("events", "register"),
        description="Land the changes of a day, publish them, and ask anew for whom they say.",
    )
    jobs_of = (baseline_job_name, changes_job_name, refresh_job_name, reconcile_job_name)
    others = [job_of(name) for job_of in jobs_of]
    rhythm = changes_schedule(deployment, subscription, night_job_name(name), others)
    proof = dg.define_asset_job(
        proof_job_name(name),
        selection=dg.AssetSelection.checks_for_assets(
            deployment.key(name, "daily_changes"), deployment.key(name, "baseline_snapshot")
        ),
        description="Check that no changes are missing and that the cursor is young.",
    )
    mornings = dg.ScheduleDefinition(
        name=f"{name}_mornings",
        job=proof,
        cron_schedule=PROOF_CRON,
        execution_timezone=HELSINKI.key,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Check every morning that nothing is missing, whether or not the night ran.",
    )
    # What has landed is published first, so that it is not taken for drift.
    reconcile = dg.define_asset_job(
        reconcile_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "reconciliation"))
        | dg.AssetSelection.groups("events", "register"),
        description="Publish what has landed, then hold the register against the source.",
    )
    weekly = dg.ScheduleDefinition(
        name=f"{name}_weekly",
        job=reconcile,
        cron_schedule=RECONCILE_CRON,
        execution_timezone=HELSINKI.key,
        description=(
            "Hold the register against the source's basic data; the repair is published and the "
            "views follow by themselves."
        ),
    )
    legacy = dg.define_asset_job(
        legacy_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "legacy_files")),
        description="Land files of the old Muutostietopalvelu.",
    )
    handover = dg.define_asset_job(
        handover_job_name(name),
        selection=dg.AssetSelection.assets(deployment.key(name, "legacy_handover")),
        description="Hold the old files against the baseline of the interface.",
    )
    jobs: list[object] = [baseline, changes, refresh, night, proof, reconcile, legacy, handover]
    return jobs, [rhythm, mornings, weekly]


def shared_jobs(deployment: Deployment) -> list[object]:
    """The jobs to the right of landing."""
    jobs: list[object] = [
        dg.define_asset_job(
            "register",
            selection=dg.AssetSelection.groups("events", "register"),
            description="Publish everything that has landed.",
        ),
        dg.define_asset_job(
            "views",
            selection=dg.AssetSelection.groups("views", "quality", "reference"),
            description="Build and test the views.",
        ),
    ]
    if deployment.settings.register_files:
        files = dg.define_asset_job(
            REGISTER_FILES_JOB,
            selection=dg.AssetSelection.groups("register_files"),
            description="Write the files of the newest publication.",
        )
        jobs.append(files)
    return jobs
