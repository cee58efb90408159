"""The hand-over check of one subscription: `[subscription, "legacy_handover"]`.

It reads what has landed, and writes a table of counts. Keep out the comparison
(`register/handover.py`) and the files (`legacy.py`).
"""

import dagster as dg

from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.assets.legacy import legacy_key
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import Handover, compare_handover, record_handover
from vtj_pipeline.source import Subscription

_HEAD = (
    "| group | equal | different | only in files | only in the interface | likely reason |\n"
    "|---|---|---|---|---|---|"
)


def handover_asset(deployment: Deployment, subscription: Subscription) -> dg.AssetsDefinition:
    """`[subscription, "legacy_handover"]`."""

    @dg.asset(
        key=deployment.key(subscription.name, "legacy_handover"),
        deps=[
            legacy_key(deployment, subscription),
            deployment.key(subscription.name, "baseline_snapshot"),
        ],
        group_name="landing",
        kinds={"duckdb", "postgres"},
        description=(
            "The state that the old Muutostietopalvelu's files lead to, held against the baseline "
            "of the interface: persons by group who are equal, different, only in one. Made by "
            "hand, before the old road is switched off; the newest comparison stands in "
            "`ledger.legacy_difference`."
        ),
    )
    @guarded
    def legacy_handover(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        settings, storage = deployment.settings, deployment.storage
        with running_database(settings) as database:
            create_ledger(database)
            extract_events(database, storage, settings)
            found = compare_handover(database, storage, settings, subscription.name)
            record_handover(database, subscription.name, found, run_id=context.run_id)
        return dg.MaterializeResult(metadata=_metadata(found))

    return legacy_handover


def _metadata(found: Handover) -> dict[str, dg.MetadataValue]:
    rows = [
        f"| {one.group} | {one.equal:,} | {one.different:,} | {one.only_in_files:,} | "
        f"{one.only_in_interface:,} | {one.likely_reason} |"
        for one in found.groups
    ]
    return {
        "baseline_day": dg.MetadataValue.text(found.day.isoformat()),
        "groups": dg.MetadataValue.int(len(found.groups)),
        "differing_groups": dg.MetadataValue.int(found.differing),
        "report": dg.MetadataValue.md("\n".join([_HEAD, *rows])),
    }
