"""Old files of one subscription: `[subscription, "legacy_files"]`, one partition a file.

Files may come in any order, together or one by one. A folder that the subscription names is looked
at by a sensor; the command line names files itself. Keep out what a file holds (`legacy/`).
"""

import json
from pathlib import Path

import dagster as dg
import pydantic

from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.legacy import LegacyReport, is_legacy_name, land_legacy
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.progress import progress
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import person_key
from vtj_pipeline.source import Subscription

# One run may take any number; a tick hands on no more than this, and the next one goes on.
_MOST_A_TICK = 50
_SECONDS = 60


class LegacyConfig(dg.Config):
    """Where files stand that are not in the subscription's folder."""

    paths: dict[str, str] = pydantic.Field(
        default_factory=dict, description="File name → path, for files that a person names."
    )


def legacy_key(deployment: Deployment, subscription: Subscription) -> dg.AssetKey:
    """The key of a subscription's old files."""
    return dg.AssetKey(deployment.key(subscription.name, "legacy_files"))


def legacy_partitions(
    deployment: Deployment, subscription: Subscription
) -> dg.DynamicPartitionsDefinition:
    """One partition for each file that was ever seen, by its name."""
    return dg.DynamicPartitionsDefinition(
        name=deployment.named(f"{subscription.name}_legacy_files")
    )


def legacy_asset(deployment: Deployment, subscription: Subscription) -> dg.AssetsDefinition:
    """`[subscription, "legacy_files"]`."""

    @dg.asset(
        key=legacy_key(deployment, subscription),
        group_name="landing",
        kinds={"parquet"},
        pool=deployment.named(f"legacy_{subscription.name}"),
        partitions_def=legacy_partitions(deployment, subscription),
        backfill_policy=dg.BackfillPolicy.single_run(),
        description=(
            "Change and base files (.MTT, .PTT) of the Muutostietopalvelu that ended in 2025. A "
            "partition is one file, by its name. They land in the interface's own shape, in any "
            "order; a file that has landed is left alone. What cannot be read of one is in "
            "quarantine, by line."
        ),
    )
    @guarded
    def legacy_files(
        context: dg.AssetExecutionContext, config: LegacyConfig
    ) -> dg.MaterializeResult[None]:
        paths = _paths(subscription, context.partition_keys, config.paths)
        with running_database(deployment.settings) as database:
            create_ledger(database)
            report = land_legacy(
                subscription.name,
                paths,
                deployment.storage,
                database,
                person_key(deployment.settings),
                run_id=context.run.run_id,
                progress=progress(),
            )
        for one in report.said:
            context.log.info(one)
        _require_taken(report)
        return dg.MaterializeResult(metadata=_metadata(report))

    return legacy_files


def legacy_sensor(deployment: Deployment, subscription: Subscription) -> dg.SensorDefinition | None:
    """Looks at the folder of a subscription's old files; None where it names none."""
    if subscription.legacy_files is None:
        return None
    partitions = legacy_partitions(deployment, subscription)

    @dg.sensor(
        name=f"{subscription.name}_legacy_folder",
        target=dg.AssetSelection.assets(legacy_key(deployment, subscription)),
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Lands every file that is put into the folder of old files, in any order, once it has "
            "not grown for a minute."
        ),
    )
    @guarded
    def legacy_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        known = set(context.instance.get_dynamic_partitions(partitions.name or ""))
        new = [p for p in subscription.legacy_paths() if is_legacy_name(p) and p.name not in known]
        before: dict[str, int] = json.loads(context.cursor or "{}")
        sizes = {one.name: one.stat().st_size for one in new}
        some = sorted(name for name, size in sizes.items() if before.get(name) == size)
        if not some:
            context.update_cursor(json.dumps(sizes))
            what = "has come that was not there before" if not new else "is there that may not grow"
            return dg.SkipReason(f"No file {what}.")
        some = some[:_MOST_A_TICK]
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=name, partition_key=name) for name in some],
            dynamic_partitions_requests=[partitions.build_add_request(some)],
            cursor=json.dumps({name: size for name, size in sizes.items() if name not in some}),
        )

    return legacy_folder


def _paths(subscription: Subscription, names: list[str], given: dict[str, str]) -> list[Path]:
    """Where the files of these names stand.

    Raises:
        LegacyFileError: one is nowhere.
    """
    folder = {one.name: one for one in subscription.legacy_paths()}
    found = {name: Path(given[name]) if name in given else folder.get(name) for name in names}
    lost = [name for name, path in found.items() if path is None or not path.is_file()]
    if lost:
        msg = (
            f"{', '.join(lost)}: to be landed, and not there. Put them into the folder that "
            f"legacy_files of subscription {subscription.name} names, or give their paths to "
            "vtj-pipeline run legacy."
        )
        raise LegacyFileError(msg)
    return [path for path in found.values() if path is not None]


def _require_taken(report: LegacyReport) -> None:
    """Fail for a file that could not be taken, after the others have landed.

    Raises:
        LegacyFileError: there is one.
    """
    refused = [one for file in report.files if file.is_left_out for one in file.said]
    if refused:
        raise LegacyFileError(" ".join(refused))


def _metadata(report: LegacyReport) -> dict[str, dg.MetadataValue]:
    """Counts, and sentences with file and line; never anything of a record."""
    unknown = sorted({code for file in report.files for code in file.unknown})
    return {
        "files": dg.MetadataValue.int(report.landed),
        "already_landed": dg.MetadataValue.int(sum(f.already_landed for f in report.files)),
        "records": dg.MetadataValue.int(report.total("records")),
        "groups": dg.MetadataValue.int(report.total("groups")),
        "quarantined": dg.MetadataValue.int(report.total("quarantined")),
        "unknown_groups": dg.MetadataValue.text(", ".join(unknown) or "none"),
        "said": dg.MetadataValue.json(list(report.said)),
        "seconds": dg.MetadataValue.float(round(report.seconds, 2)),
    }
