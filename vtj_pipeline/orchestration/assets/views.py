"""The views and the official code lists: dbt's models and seeds as assets.

Keep out SQL (`dbt/`).
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.landing import create_ledger, note_all
from vtj_pipeline.orchestration.column_lineage import with_lineage
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
LISTS = (
    "--select=resource_type:seed path:models/reference",
    "--indirect-selection=cautious",
)
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
        dbt_resource(project).cli(["parse", "--quiet"], target_path=target).wait()
    return project


def dbt_resource(project: DbtProject) -> DbtCliResource:
    """Dbt of this environment, whether or not its folder is on the PATH."""
    executable = Path(sys.executable).with_name("dbt")
    return DbtCliResource(
        project_dir=project,
        profiles_dir=str(project.project_dir),
        dbt_executable=str(executable) if executable.exists() else "dbt",
    )


def views_assets(deployment: Deployment) -> dg.AssetsDefinition:
    """Every dbt seed and model, built and tested together."""
    project = dbt_project(deployment.settings.home)

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="dbt_views",
        dagster_dbt_translator=Translator(with_code=deployment.settings.code_url is not None),
        pool=VIEWS_POOL,
    )
    def views(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            create_register(database)
            create_audit(database)
            forgotten = forget_old_reads(database, deployment.clock())
            context.log.info("reads older than five years, forgotten: %d", forgotten)
            note_all(database, deployment.subscriptions, deployment.today)
            context.log.info("%s", keep_pseudonyms(database, deployment.settings))
            os.environ.update(database.dbt_environment())
            progress()("views", 0, None)
            target = Path(project.target_path) / "run"
            state = current_state(database, _fingerprint(dbt_folder()))
            arguments = ["build"]
            dbt = dbt_resource(project)  # one: each asks dbt for its version, for seconds
            if not is_made_of(database, state):
                _require_all_views(context)
                arguments.append("--full-refresh")
                if context.is_subset:
                    # Whoever follows the register asks for views alone, and they read lists.
                    yield from _lists(dbt, project, [*arguments, *LISTS], target)
            else:
                arguments += NOT_AGAIN
            build = dbt.cli(arguments, context=context, target_path=target)
            is_read = "--full-refresh" in arguments and deployment.settings.column_lineage
            events = with_lineage(
                build.stream().fetch_column_metadata() if is_read else build.stream(),
                Path(project.target_path) / "column_lineage.json",
                is_read=is_read,
            )
            try:
                # dbt's own lines belong in the run's compute log, not in the middle of a progress
                # bar.
                with redirect_stdout(StringIO()) if is_watched() else nullcontext():
                    yield from with_pictures(events, database)
            finally:
                # Also where a test of a view fails: its readers go on reading.
                _keep_rights(context, database)
            remember(database, state)

    return views


def _keep_rights(context: dg.AssetExecutionContext, database: Database) -> None:
    """Views that were dropped and made anew have lost their readers' rights."""
    done = keep_rights(database)
    said = "none were made (vtj-pipeline roles apply)" if done is None else f"{done} changes"
    context.log.info("rights of roles: %s", said)


def _lists(
    dbt: DbtCliResource, project: DbtProject, arguments: list[str], target: Path
) -> Iterator[Any]:
    """Build the code lists that nobody asked for; the UI shall not say that they are missing."""
    build = dbt.cli(
        arguments,
        manifest=project.manifest_path,
        dagster_dbt_translator=Translator(),
        target_path=target,
    )
    yield from (one for one in build.stream() if isinstance(one, dg.AssetMaterialization))


def _require_all_views(context: dg.AssetExecutionContext) -> None:
    groups = context.assets_def.group_names_by_key
    views = {key for key, group in groups.items() if group == VIEWS_GROUP}
    if not views <= context.selected_asset_keys:
        msg = (
            "Some of the views were to be built, and all of them are of another version or of "
            "another register. Materialise all views once (`vtj-pipeline run views`)."
        )
        raise ViewsError(msg)


def side_tables(deployment: Deployment) -> list[dg.AssetSpec]:
    """The tables that views read and no asset makes: the program writes them as it goes along."""
    manifest = read_manifest(deployment)
    read = {name for parents in manifest["parent_map"].values() for name in parents}
    sources = [source for name, source in manifest["sources"].items() if name in read]
    return [
        dg.AssetSpec(
            [source["schema"], source["name"]],
            description=source["description"],
            group_name=_WRITTEN_WITH[source["schema"]],
            kinds={"postgres"},
            metadata=Translator().get_metadata(source),
        )
        for source in sources
        if not is_made(source)
    ]


def source_columns(deployment: Deployment, schema: str, table: str) -> dg.TableSchema:
    """The columns of a table that dbt is told of, with type and meaning."""
    sources = read_manifest(deployment)["sources"].values()
    (source,) = (one for one in sources if (one["schema"], one["name"]) == (schema, table))
    found: dg.TableSchema = Translator().get_metadata(source)[COLUMNS]
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
