"""`vtj-pipeline upgrade`: everything in the database as this version of the program needs it.

Ledger and register are upgraded by whatever uses them first, too; Dagster's storage only here. Keep
out the migrations (`landing/migrations/`, `register/migrations/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.commands.output import note
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.orchestration.instance import dagster_instance, upgrade_storage
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import create_audit
from vtj_pipeline.register import create_register

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Upgrade


def run_upgrade() -> None:
    """Upgrade the schemas and say from which versions to which.

    Raises:
        DatabaseTooNew: a newer program has been here.
        UpgradeBlocked: somebody uses a table for too long.
    """
    deployment = load_deployment()
    with running_database(deployment.settings) as database:
        done = [create_audit(database), create_ledger(database), create_register(database)]
        for one in done:
            note(_said(one))
        with dagster_instance(deployment, database) as instance:
            before, now = upgrade_storage(instance)
        changed = f"revision {before} → {now}" if before != now else f"revision {now}, as it was"
        note(f"dagster: {changed}")
    if any(one.before not in (None, one.now) for one in done):
        note("Now `vtj-pipeline run register` and `vtj-pipeline run views` bring them up to date.")


def _said(one: Upgrade) -> str:
    if one.before is None:
        return f"{one.schema}: made, version {one.now}"
    if one.before == one.now:
        return f"{one.schema}: version {one.now}, as it was"
    return f"{one.schema}: version {one.before} → {one.now}"
