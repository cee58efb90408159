"""The refresh of one subscription: `[subscription, "person_refresh"]`.

It reads the register and lands answers, so that it stands on both ends of the chain: changes →
events → register → refresh → events → register again. A graph of assets has no circle, and so the
events do not depend on this asset. They hear of it in two other ways: the events asset's
automation watches its data version (`automation.catch_up`), which changes only when something
landed, and `vtj-pipeline run refresh` publishes afterwards by itself. Whatever happens in between,
nothing is lost: the next publication takes in every landed batch, and the ledger knows who was
asked for. It has no automation of its own, else the two would go round for ever.

Keep out who is asked for (`register/refresh.py`) and how (`landing/refresh.py`).
"""

from dataclasses import replace

import dagster as dg

from vtj_pipeline.landing import (
    RefreshCandidate,
    RefreshReport,
    land_refresh,
    landed_batches,
    list_additions,
    record_code_list,
)
from vtj_pipeline.orchestration.assets.landing import landing_metadata, source_of, source_pool
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.progress import progress
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register, refresh_candidates
from vtj_pipeline.source import Subscription


def refresh_key(deployment: Deployment, subscription: Subscription) -> dg.AssetKey:
    """The key of a subscription's refresh."""
    return dg.AssetKey(deployment.key(subscription.name, "person_refresh"))


def refresh_asset(deployment: Deployment, subscription: Subscription) -> dg.AssetsDefinition:
    """`[subscription, "person_refresh"]`."""

    @dg.asset(
        key=refresh_key(deployment, subscription),
        deps=[dg.AssetKey(deployment.key("register", "person"))],
        group_name="landing",
        kinds={"httpx", "parquet"},
        pool=source_pool(deployment, subscription),
        description=(
            "The basic data, asked anew, of persons of whom the register says that it must: new "
            "in scope, code changed, protection lifted or past its end, anomaly, quarantine, left "
            "out of an answer; and of codes of the list that nobody has answered yet. Who "
            "is missing from an answer is asked for again after a week, and never deleted."
        ),
    )
    @guarded
    def person_refresh(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with source_of(deployment, subscription, "refresh", context.run_id) as (client, database):
            create_register(database)
            record_code_list(subscription, deployment.settings, database, run_id=context.run_id)
            report = land_refresh(
                subscription,
                client,
                deployment.storage,
                database,
                candidates(deployment, subscription, database),
                run_id=context.run_id,
                max_euros=deployment.settings.baseline_max_euros,
                progress=progress(),
            )
            version = _newest_refresh(database, subscription)
        return dg.MaterializeResult(
            metadata=_metadata(report), data_version=dg.DataVersion(str(version))
        )

    return person_refresh


def candidates(
    deployment: Deployment, subscription: Subscription, database: Database
) -> list[RefreshCandidate]:
    """Whom the code list has and nobody has answered yet, and whom the register says, each once."""
    added = list_additions(subscription, deployment.settings, database, since=deployment.clock())
    found = {(one.person_id, one.identity_code): one for one in added}
    for one in refresh_candidates(database, subscription.name, deployment.today):
        key = (one.person_id, one.identity_code)
        # One answer settles what both ask.
        requests = (found[key].requests if key in found else ()) + one.requests
        found[key] = replace(one, requests=requests)
    return list(found.values())


def _newest_refresh(database: Database, subscription: Subscription) -> int:
    """The newest landed refresh, 0 if none: what tells the events that there is more to read."""
    return max(
        (
            batch.batch_id
            for batch in landed_batches(database)
            if batch.kind == "refresh" and batch.subscription == subscription.name
        ),
        default=0,
    )


def _metadata(report: RefreshReport) -> dict[str, dg.MetadataValue]:
    return {
        **landing_metadata([report]),
        "asked": dg.MetadataValue.int(report.asked),
        "not_answered": dg.MetadataValue.int(report.asked - report.answered),
        "reasons": dg.MetadataValue.json(report.reasons),
    }
