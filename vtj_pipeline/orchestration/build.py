"""`build_definitions`: everything that Dagster is told, for one deployment.

Keep out the parts themselves; this file only joins them.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from vtj_pipeline.logs import scrub_logs
from vtj_pipeline.orchestration.alarms import alarm_sensors
from vtj_pipeline.orchestration.assets.landing import landing_assets
from vtj_pipeline.orchestration.assets.legacy import legacy_asset, legacy_sensor
from vtj_pipeline.orchestration.assets.legacy_handover import handover_asset
from vtj_pipeline.orchestration.assets.reconciliation import (
    drift_check,
    reconcile_asset,
    reconcile_key,
)
from vtj_pipeline.orchestration.assets.refresh import refresh_asset, refresh_key
from vtj_pipeline.orchestration.assets.register import events_asset, register_assets
from vtj_pipeline.orchestration.assets.register_files import register_files_assets
from vtj_pipeline.orchestration.assets.views import side_tables, views_assets
from vtj_pipeline.orchestration.checks import register_checks
from vtj_pipeline.orchestration.code_links import with_code_links
from vtj_pipeline.orchestration.deployment import Deployment, load_deployment
from vtj_pipeline.orchestration.jobs import shared_jobs, subscription_jobs
from vtj_pipeline.orchestration.labels import Labelled, with_labels
from vtj_pipeline.orchestration.landing_checks import landing_checks
from vtj_pipeline.orchestration.views_check import views_check


def build_definitions(deployment: Deployment | None = None) -> dg.Definitions:
    """Fresh definitions for a deployment; without one, for what the environment describes.

    Whichever process of Dagster's has them, its logs are scrubbed from now on.
    """
    scrub_logs()
    deployment = deployment or load_deployment()
    landing: list[dg.AssetsDefinition] = []
    jobs: list[Any] = [*shared_jobs(deployment)]
    schedules: list[Any] = []
    for subscription in deployment.subscriptions:
        landing += landing_assets(deployment, subscription)
        landing.append(legacy_asset(deployment, subscription))
        more_jobs, more_schedules = subscription_jobs(deployment, subscription)
        jobs += more_jobs
        schedules += more_schedules
    landing_keys = [key for asset in landing for key in asset.keys]
    checks = [one for each in deployment.subscriptions for one in landing_checks(deployment, each)]
    refreshes = [refresh_asset(deployment, each) for each in deployment.subscriptions]
    reconciliations = [reconcile_asset(deployment, each) for each in deployment.subscriptions]
    checks += [drift_check(deployment, each) for each in deployment.subscriptions]
    # Assets that stand on both ends of the chain.
    watched = [
        key_of(deployment, each)
        for each in deployment.subscriptions
        for key_of in (refresh_key, reconcile_key)
    ]
    checks += [register_checks(deployment), views_check(deployment)]
    assets: list[Labelled] = [
        *landing,
        *refreshes,
        *reconciliations,
        *(handover_asset(deployment, each) for each in deployment.subscriptions),
        events_asset(deployment, landing_keys, watched),
        register_assets(deployment),
        views_assets(deployment),
        *register_files_assets(deployment),
        *side_tables(deployment),
    ]
    specs = [
        spec
        for each in (*assets, *checks)
        if not isinstance(each, dg.AssetSpec)
        for spec in each.check_specs
    ]
    return dg.Definitions(
        assets=with_code_links(with_labels(assets, deployment), deployment.settings.code_url),
        asset_checks=checks,
        jobs=jobs,
        schedules=schedules,
        sensors=[
            dg.AutomationConditionSensorDefinition(
                "catch_up",
                target=dg.AssetSelection.all(),
                default_status=dg.DefaultSensorStatus.RUNNING,
            ),
            *alarm_sensors(deployment, specs),
            *(
                s
                for each in deployment.subscriptions
                if (s := legacy_sensor(deployment, each)) is not None
            ),
        ],
        # Steps of a job are a chain, and a process for each would cost seconds.
        executor=dg.in_process_executor,
    )
