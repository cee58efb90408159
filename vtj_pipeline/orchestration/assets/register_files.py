"""The register's files: `["register_files", "manifest"]`, an asset only where they are asked for.

They are written by a run of their own, after the views that they are made by: whatever goes wrong
with them, publication and views stand. Keep out how they are written (`register_files/`).
"""

import dagster as dg

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.assets.views import VIEWS_POOL
from vtj_pipeline.orchestration.automation import afterwards
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.progress import progress
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import create_register
from vtj_pipeline.register_files import CONTENTS, FilesReport, write_register_files

KEY = ("register_files", "manifest")
GROUP = "register_files"


def register_files_assets(deployment: Deployment) -> list[dg.AssetsDefinition]:
    """The asset, or none (`VTJ_REGISTER_FILES`)."""
    if not deployment.settings.register_files:
        return []

    # The pool of the views: none is half made while it is read.
    @dg.asset(
        key=deployment.key(*KEY),
        deps=[dg.AssetKey(deployment.key(*one.table.split("."))) for one in CONTENTS],
        group_name=GROUP,
        kinds={"postgres", "parquet"},
        pool=deployment.named(VIEWS_POOL),
        automation_condition=afterwards(),
        description=(
            "What analysts may see, as encrypted Parquet files with a manifest for each "
            "publication. It has no partitions: each run writes the files of the newest "
            "publication, once the views show it, and removes those that are not kept. A table "
            "with the same rows as before keeps its files."
        ),
    )
    @guarded
    def register_files(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            create_register(database)
            report = write_register_files(
                database,
                deployment.storage,
                deployment.settings,
                deployment.clock(),
                progress=progress(),
            )
        if not report.is_there:
            context.log.warning("no files were written: %s", report.outcome)
        return dg.MaterializeResult(metadata=_metadata(report))

    return [register_files]


def _metadata(report: FilesReport) -> dict[str, dg.MetadataValue]:
    return {
        "outcome": dg.MetadataValue.text(report.outcome),
        "publication": dg.MetadataValue.int(report.publication or 0),
        "tables": dg.MetadataValue.int(report.tables),
        "rows": dg.MetadataValue.int(report.rows),
        "files": dg.MetadataValue.int(report.files),
        "new_files": dg.MetadataValue.int(report.new_files),
        "new_bytes": dg.MetadataValue.int(report.new_bytes),
        "manifests_removed": dg.MetadataValue.int(report.removed.manifests),
        "files_removed": dg.MetadataValue.int(report.removed.files),
        "left_out": dg.MetadataValue.json(list(report.left_out)),
        "seconds": dg.MetadataValue.float(round(report.seconds, 2)),
    }
