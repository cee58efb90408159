"""The views and the official code lists: dbt's models and seeds as assets.

Keep out SQL (`dbt/`).
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
import orjson

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.landing import create_ledger, note_all
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.column_lineage import with_lineage
from vtj_pipeline.orchestration.dbt_failures import told_by_name
from vtj_pipeline.orchestration.dbt_process import (
    DbtCliInvocation,
    DbtProject,
    dbt_assets,
    dbt_process,
)
from vtj_pipeline.orchestration.dbt_translator import COLUMNS, VIEWS_GROUP, Translator, is_made
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.kept_views import current_state, is_made_of, remember
from vtj_pipeline.orchestration.pictured import with_pictures
from vtj_pipeline.orchestration.progress import is_watched, progress
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import create_audit, forget_old_reads, keep_pseudonyms
from vtj_pipeline.privacy.roles import keep_rights
from vtj_pipeline.register import create_register

VIEWS_POOL = "views_writer"
# By schema, the group of the assets beside which a table is written.
_WRITTEN_WITH = {"ledger": "landing", "register": "register", "timeline": VIEWS_GROUP}
# Their rows are written beside them: they say the same of the same rules every night.
NOT_AGAIN = ("--exclude-resource-type=unit_test",)


def dbt_folder() -> Path:
    """The dbt project: beside the package in a checkout, inside it when installed.

    Raises:
        ViewsError: there is none.
    """
    package = Path(__file__).parents[2]
    for folder in (package / "dbt_project", package.parent / "dbt"):
        if (folder / "dbt_project.yml").is_file():
            return folder
    msg = f"The dbt project was looked for beside and in {package} and is not there. Reinstall."
    raise ViewsError(msg)


def dbt_project(home: Path) -> DbtProject:
    """The dbt project with a manifest that fits its files, made under `home` if need be."""
    folder = dbt_folder()
    target = home.absolute() / "dbt" / _fingerprint(folder)
    project = DbtProject(folder, target_path=target, profiles_dir=folder)
    if not project.manifest_path.is_file():
        target.mkdir(parents=True, exist_ok=True)
        dbt_process(project).cli(["parse", "--quiet"], target_path=target).wait()
    return project


def views_assets(deployment: Deployment) -> dg.AssetsDefinition:
    """Every dbt seed and model, built and tested together."""
    project = dbt_project(deployment.settings.home)
    translator = Translator(deployment, with_code=deployment.settings.code_url is not None)

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="dbt_views",
        dagster_dbt_translator=translator,
        pool=deployment.named(VIEWS_POOL),
    )
    @guarded
    def views(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with running_database(deployment.settings) as database:
            _ready(deployment, context, database)
            os.environ.update(database.dbt_environment())
            progress()("views", 0, None)
            state = current_state(database, _fingerprint(dbt_folder()))
            is_anew = not is_made_of(database, state)
            # What is made anew is made whole, whatever of it was asked for: a part would stand
            # beside views of another version, or of another register.
            is_more = is_anew and context.is_subset
            is_read = is_anew and deployment.settings.column_lineage
            build = dbt_process(project, with_adapter=is_read).cli(
                ["build", *(["--full-refresh"] if is_anew else NOT_AGAIN)],
                manifest=project.manifest_path if is_more else None,
                dagster_dbt_translator=Translator(deployment) if is_more else None,
                context=None if is_more else context,
                target_path=Path(project.target_path) / "run",
            )
            told = _with_lineage(build, project, is_read=is_read)
            events = with_pictures(told, database, deployment.within)
            # dbt's own lines belong in the run's compute log, not in the middle of a progress bar.
            quiet = redirect_stdout(StringIO()) if is_watched() else nullcontext()
            try:
                with quiet, told_by_name(build):
                    yield from _as_asked(events, context) if is_more else events
            finally:
                # Also where a test of a view fails: its readers go on reading.
                _keep_rights(context, database)
            remember(database, state)

    return views


def _ready(deployment: Deployment, context: dg.AssetExecutionContext, database: Database) -> None:
    """What the views read besides the register is there and as it is today."""
    create_ledger(database)
    create_register(database)
    create_audit(database)
    forgotten = forget_old_reads(database, deployment.clock())
    context.log.info("reads older than five years, forgotten: %d", forgotten)
    note_all(database, deployment.subscriptions, deployment.today)
    context.log.info("%s", keep_pseudonyms(database, deployment.settings))


def _keep_rights(context: dg.AssetExecutionContext, database: Database) -> None:
    """Views that were dropped and made anew have lost their readers' rights."""
    done = keep_rights(database)
    said = "none were made (vtj-pipeline roles apply)" if done is None else f"{done} changes"
    context.log.info("rights of roles: %s", said)


def _with_lineage(build: DbtCliInvocation, project: DbtProject, *, is_read: bool) -> Iterator[Any]:
    """The events of a build with the lineage of columns: read from the SQL now, or the kept one."""
    events = build.stream().fetch_column_metadata() if is_read else build.stream()
    return with_lineage(events, Path(project.target_path) / "column_lineage.json", is_read=is_read)


def _as_asked(events: Iterable[Any], context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Of a build that did not know what was asked for: the results of that, and what else it made.

    Args:
        events: As dagster-dbt tells them to an op that has no assets.
        context: Which assets and checks were asked for.
    """
    checks = context.op_execution_context.selected_asset_check_keys
    for event in events:
        match event:
            case dg.AssetMaterialization(asset_key=key) if key in context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=key, metadata=event.metadata)
            case dg.AssetMaterialization():
                yield event
            case dg.AssetCheckEvaluation() if event.asset_check_key in checks:
                yield dg.AssetCheckResult(
                    passed=event.passed,
                    asset_key=event.asset_key,
                    check_name=event.check_name,
                    metadata=event.metadata,
                    severity=event.severity,
                    description=event.description,
                )


def side_tables(deployment: Deployment) -> list[dg.AssetSpec]:
    """The tables that views read and no asset makes: the program writes them as it goes along."""
    manifest = read_manifest(deployment)
    read = {name for parents in manifest["parent_map"].values() for name in parents}
    sources = [source for name, source in manifest["sources"].items() if name in read]
    return [
        dg.AssetSpec(
            deployment.key(source["schema"], source["name"]),
            description=source["description"],
            group_name=_WRITTEN_WITH[source["schema"]],
            kinds={"postgres"},
            metadata=Translator(deployment).get_metadata(source),
        )
        for source in sources
        if not is_made(source)
    ]


def source_columns(deployment: Deployment, schema: str, table: str) -> dg.TableSchema:
    """The columns of a table that dbt is told of, with type and meaning."""
    sources = read_manifest(deployment)["sources"].values()
    (source,) = (one for one in sources if (one["schema"], one["name"]) == (schema, table))
    found: dg.TableSchema = Translator(deployment).get_metadata(source)[COLUMNS]
    return found


def read_manifest(deployment: Deployment) -> dict[str, Any]:
    """What dbt makes of its files."""
    text = dbt_project(deployment.settings.home).manifest_path.read_bytes()
    manifest: dict[str, Any] = orjson.loads(text)
    return manifest


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in ("target", "logs", "dbt_packages"):
            digest.update(str(relative).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
