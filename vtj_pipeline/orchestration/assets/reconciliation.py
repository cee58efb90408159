"""The reconciliation of one subscription: `[subscription, "reconciliation"]`.

It asks the source for the basic data of the persons in scope, all or a sample, lands the answers,
and says how far the register differs from them, before they are published. Publishing them then
repairs what differs, as ordinary events. It stands on both ends of the chain like the refresh,
and the events hear of it in the same way (`refresh.py`).

Keep out how it is asked (`landing/reconcile.py`) and compared (`register/drift.py`).
"""

from datetime import timedelta
from typing import Literal

import dagster as dg

from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import (
    Compared,
    ReconcileReport,
    create_ledger,
    land_reconciliation,
    landed_batches,
    record_code_list,
    record_reconciliation,
)
from vtj_pipeline.orchestration.assets.landing import landing_metadata, source_of, source_pool
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.progress import progress
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.register import Drift, create_register, measure_drift, members_to_reconcile
from vtj_pipeline.source import Subscription

DRIFT = "no_drift"
_DRIFT = (
    "Fails when the last reconciliation found persons of whom the register said something else "
    "than the source, or whom the source left out. What to do: publish (vtj-pipeline run "
    "register), which repairs the differences, and reconcile again: it must find none. Who is held "
    "back by a message that cannot be read differs until run refresh. If it finds some again, "
    "or finds some every week, changes are lost on their way: look at chain_of_cursors of "
    "daily_changes first, then report the groups and this version. Who was left out is asked for "
    "again by person_refresh after a week, and stays in scope until the source says otherwise."
)
# A weekly copy is a week old at most; who came later is not in it.
_COPY_DAYS = 8


class ReconcileConfig(dg.Config):
    """What a person may choose.

    Attributes:
        sample: Persons to look at; 0 for all.
        seed: Chooses the sample.
        by: The endpoint; empty for the one that the subscription's baseline comes from.
    """

    sample: int = 0
    seed: int = 1
    by: Literal["", "perustiedot", "perustiedot-vko"] = ""


def reconcile_key(deployment: Deployment, subscription: Subscription) -> dg.AssetKey:
    """The key of a subscription's reconciliation."""
    return dg.AssetKey(deployment.key(subscription.name, "reconciliation"))


def reconcile_asset(deployment: Deployment, subscription: Subscription) -> dg.AssetsDefinition:
    """`[subscription, "reconciliation"]`."""

    @dg.asset(
        key=reconcile_key(deployment, subscription),
        deps=[dg.AssetKey(deployment.key("register", "person"))],
        group_name="landing",
        kinds={"httpx", "parquet"},
        pool=source_pool(deployment, subscription),
        description=(
            "The basic data of the persons in scope, asked anew and held against the register: "
            "the share of persons who differ, by group. What differs is repaired when the answers "
            "are published. Nobody is deleted for being missing from an answer."
        ),
    )
    @guarded
    def reconciliation(
        context: dg.AssetExecutionContext, config: ReconcileConfig
    ) -> dg.MaterializeResult[None]:
        with source_of(deployment, subscription, "reconcile", context.run_id) as (client, database):
            create_register(database)
            record_code_list(subscription, deployment.settings, database, run_id=context.run_id)
            started_at = deployment.clock()
            by = config.by or _by(subscription)
            oldest = deployment.today - timedelta(days=_COPY_DAYS)
            report = land_reconciliation(
                subscription,
                client,
                deployment.storage,
                database,
                members_to_reconcile(
                    database,
                    subscription.name,
                    sample=config.sample or None,
                    seed=config.seed,
                    known_before=oldest if by == "perustiedot-vko" else None,
                ),
                by=by,
                everybody=not config.sample,
                run_id=context.run_id,
                progress=progress(),
            )
            drift = _compare(deployment, database, report)
            record_reconciliation(
                database,
                report,
                Compared(
                    drift.compared,
                    drift.drifted,
                    drift.changed_meanwhile,
                    {name: (one.compared, one.drifted) for name, one in drift.groups.items()},
                ),
                sample=config.sample or None,
                seed=config.seed if config.sample else None,
                started_at=started_at,
                run_id=context.run_id,
            )
            version = _newest(database, subscription)
        return dg.MaterializeResult(
            metadata=_metadata(report, drift), data_version=dg.DataVersion(str(version))
        )

    return reconciliation


def drift_check(deployment: Deployment, subscription: Subscription) -> dg.AssetChecksDefinition:
    """The check of the reconciliation, which reads what the ledger keeps of the last one."""

    @dg.asset_check(asset=reconcile_key(deployment, subscription), name=DRIFT, description=_DRIFT)
    @guarded
    def no_drift() -> dg.AssetCheckResult:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            return _judged(database, subscription.name)

    return no_drift


def _judged(database: Database, subscription: str) -> dg.AssetCheckResult:
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select r.compared, r.drifted, r.absent, coalesce((select "
                "json_object_agg(d.tietoryhma, d.drifted) from ledger.reconciliation_drift as d "
                "where d.reconciliation_id = r.reconciliation_id and d.drifted > 0), '{}') "
                "from ledger.reconciliation as r where r.subscription = %s "
                "order by r.reconciliation_id desc limit 1",
                (subscription,),
            )
            found = cursor.fetchone()
    finally:
        connection.close()
    compared, drifted, absent, groups = found or (0, 0, 0, {})
    said = f"{drifted:,} of {compared:,} persons differ, {absent:,} were left out by the source."
    return dg.AssetCheckResult(
        passed=not drifted and not absent,
        severity=dg.AssetCheckSeverity.WARN,
        description=said if found else "Nothing has been reconciled yet.",
        metadata={
            "compared": dg.MetadataValue.int(compared),
            "drifted": dg.MetadataValue.int(drifted),
            "absent": dg.MetadataValue.int(absent),
            "groups": dg.MetadataValue.json(groups),
        },
    )


def _by(subscription: Subscription) -> Literal["perustiedot", "perustiedot-vko"]:
    return "perustiedot-vko" if subscription.baseline == "perustiedot-vko" else "perustiedot"


def _compare(deployment: Deployment, database: Database, report: ReconcileReport) -> Drift:
    extract_events(database, deployment.storage, deployment.settings)
    return measure_drift(
        database,
        deployment.storage,
        deployment.settings,
        report.batch_ids,
        changed=report.changed,
        granted=deployment.granted,
    )


def _newest(database: Database, subscription: Subscription) -> int:
    """The newest landed answer, 0 if none: what tells the events that there is more to read."""
    return max(
        (
            batch.batch_id
            for batch in landed_batches(database)
            if batch.kind == "reconcile" and batch.subscription == subscription.name
        ),
        default=0,
    )


def _metadata(report: ReconcileReport, drift: Drift) -> dict[str, dg.MetadataValue]:
    return {
        **landing_metadata([report]),
        "members": dg.MetadataValue.int(report.members),
        "absent": dg.MetadataValue.int(report.absent),
        "compared": dg.MetadataValue.int(drift.compared),
        "drifted": dg.MetadataValue.int(drift.drifted),
        "drift_rate": dg.MetadataValue.float(round(drift.rate, 6)),
        "changed_meanwhile": dg.MetadataValue.int(drift.changed_meanwhile),
        "drift_by_group": dg.MetadataValue.json(
            {
                name: {"compared": one.compared, "drifted": one.drifted, "rate": round(one.rate, 6)}
                for name, one in drift.groups.items()
            }
        ),
    }
