"""The landing assets of one subscription: the baseline and the days of changes.

They land pages only, in any order. Keep out the refresh, which asks the register whom to ask for
(`refresh.py`), and everything to the right of landing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import dagster as dg

from vtj_pipeline.landing import (
    BaselinePlan,
    LandingReport,
    create_ledger,
    land_baseline,
    land_day,
    record_code_list,
    recorded_calls,
)
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.freshness import every_morning
from vtj_pipeline.orchestration.partitions import days_from
from vtj_pipeline.orchestration.progress import progress, teller
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.register import codes_of_listed, create_register
from vtj_pipeline.source import SourceClient, Subscription, open_source

# Small enough to redo, since a run that fails marks all its days as failed; every day is
# committed on its own all the same.
DAYS_IN_ONE_RUN = 31


# By whether a subscription's changes are asked for during the day.
_WHEN = {
    False: "can be fetched once it is over",
    True: "is fetched as far as it has come; the first fetch after midnight ends it",
}


class FetchConfig(dg.Config):
    """What a person may choose when fetching by hand."""

    fetch_again: bool = False


def landing_assets(deployment: Deployment, subscription: Subscription) -> list[dg.AssetsDefinition]:
    """`[subscription, "baseline_snapshot"]` and `[subscription, "daily_changes"]`."""

    @dg.asset(
        key=deployment.key(subscription.name, "baseline_snapshot"),
        group_name="landing",
        kinds={"httpx", "parquet"},
        pool=source_pool(deployment, subscription),
        description=(
            "The agreed basic data of every person in scope, as the source answered. It has no "
            "partitions: it is taken once, and again only when days were lost. A finished "
            "baseline is left alone unless `fetch_again` is set; an interrupted one goes on."
        ),
    )
    @guarded
    def baseline_snapshot(
        context: dg.AssetExecutionContext, config: FetchConfig
    ) -> dg.MaterializeResult[None]:
        plans: list[BaselinePlan] = []

        def announce(plan: BaselinePlan) -> None:
            plans.append(plan)
            context.log.info(plan.said)
            teller()(plan.said)

        with source_of(deployment, subscription, "baseline", context.run_id) as (client, database):
            report = land_baseline(
                subscription,
                client,
                deployment.storage,
                database,
                run_id=context.run_id,
                max_euros=deployment.settings.baseline_max_euros,
                fetch_again=config.fetch_again,
                progress=progress(),
                announce=announce,
            )
        return dg.MaterializeResult(metadata=landing_metadata([report]) | _planned(plans))

    is_hourly = subscription.is_hourly

    @dg.asset(
        key=deployment.key(subscription.name, "daily_changes"),
        group_name="landing",
        kinds={"httpx", "parquet"},
        pool=source_pool(deployment, subscription),
        partitions_def=days_from(subscription.start_date, with_today=is_hourly),
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=DAYS_IN_ONE_RUN),
        freshness_policy=every_morning() if subscription.rhythm != "off" else None,
        description=(
            "The changes that the source's journal holds, page by page as received. A partition is "
            "a calendar day in Finland, from midnight to midnight, 23 or 25 hours long where "
            f"summer time turns; the first one is {subscription.start_date}. It begins where the "
            f"day before it ended, or a day early if that has not landed, and {_WHEN[is_hourly]}. "
            "Days may be fetched in any order; a finished day is left alone unless `fetch_again` "
            "is set."
        ),
    )
    @guarded
    def daily_changes(
        context: dg.AssetExecutionContext, config: FetchConfig
    ) -> dg.MaterializeResult[None]:
        reports = []
        days = sorted(date.fromisoformat(key) for key in context.partition_keys)
        with source_of(deployment, subscription, "change", context.run_id) as (client, database):
            also_codes = _also_codes(deployment, subscription, database, context.run_id)
            for done, day in enumerate(days):
                progress()("days of changes", done, len(days))
                reports.append(
                    land_day(
                        subscription,
                        day,
                        client,
                        deployment.storage,
                        database,
                        today=deployment.today,
                        run_id=context.run_id,
                        so_far=is_hourly and day == deployment.today,
                        fetch_again=config.fetch_again,
                        also_codes=also_codes,
                    )
                )
        return dg.MaterializeResult(metadata=landing_metadata(reports))

    return [baseline_snapshot, daily_changes]


def _also_codes(
    deployment: Deployment, subscription: Subscription, database: Database, run_id: str
) -> list[str]:
    """Further codes of the persons in the code list as it is now, for a product that sends one."""
    if subscription.chosen_by_source:
        return []
    create_register(database)
    # First: who was taken out of the list must not be asked for under another code.
    record_code_list(subscription, deployment.settings, database, run_id=run_id)
    return codes_of_listed(database, subscription.name)


def source_pool(deployment: Deployment, subscription: Subscription) -> str:
    """The pool that keeps two runs from asking the source for one subscription at once."""
    return deployment.named(f"source_{subscription.name}")


def landing_metadata(reports: Sequence[LandingReport]) -> dict[str, dg.MetadataValue]:
    """Counts, cursors and seconds; never anything about a person."""
    return {
        "calls": dg.MetadataValue.int(sum(r.calls for r in reports)),
        "answered": dg.MetadataValue.int(sum(r.answered for r in reports)),
        "batches": dg.MetadataValue.int(sum(r.batches for r in reports)),
        "already_landed": dg.MetadataValue.int(sum(r.already_done for r in reports)),
        "first_cursor": dg.MetadataValue.text(str(reports[0].first_cursor)),
        "last_cursor": dg.MetadataValue.text(str(reports[-1].last_cursor)),
        "seconds": dg.MetadataValue.float(round(sum(r.seconds for r in reports), 2)),
    }


def _planned(plans: Sequence[BaselinePlan]) -> dict[str, dg.MetadataValue]:
    """What was said before the first call."""
    return {
        name: value
        for plan in plans
        for name, value in {
            "planned_calls": dg.MetadataValue.int(plan.calls),
            "planned_persons": dg.MetadataValue.int(plan.persons or 0),
            "planned_seconds": dg.MetadataValue.float(round(plan.seconds, 2)),
            "planned_euros": dg.MetadataValue.float(round(plan.euros, 2)),
        }.items()
    }


@contextmanager
def source_of(
    deployment: Deployment, subscription: Subscription, kind: str, run_id: str
) -> Iterator[tuple[SourceClient, Database]]:
    """The source's client and the database, its ledger made, for a landing.

    What landings that were killed left half written is removed first.

    Args:
        deployment: Settings.
        subscription: Whose product is asked.
        kind: What the calls are for: `change` alone may use the night's reserve of the quota.
        run_id: The run, for the ledger's rows of calls.
    """
    with running_database(deployment.settings) as database:
        create_ledger(database)
        deployment.storage.remove_left_behind(f"landing/{subscription.name}")
        with (
            recorded_calls(
                database, subscription, kind=kind, run_id=run_id, clock=deployment.clock
            ) as log,
            open_source(
                deployment.settings, subscription, log=log, clock=deployment.clock
            ) as client,
        ):
            yield client, database
