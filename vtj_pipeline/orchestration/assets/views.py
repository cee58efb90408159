"""The views and the official code lists: dbt's models and seeds as assets.

Keep out SQL (`dbt/`).
"""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.automation import catch_up
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.kept_views import current_state, is_made_of, remember
from vtj_pipeline.orchestration.pictured import with_pictures
from vtj_pipeline.orchestration.progress import is_watched, progress
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import keep_pseudonyms
from vtj_pipeline.register import create_register

VIEWS_POOL = "views_writer"
VIEWS_GROUP = "views"
LISTS = (
    "--select=resource_type:seed path:models/reference",
    "--indirect-selection=cautious",
)


class Translator(DagsterDbtTranslator):
    """Groups, keys and automation of what dbt makes."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources keep the register's keys; models and seeds stand under their schema."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["register", dbt_resource_props["name"]])
        alias = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], alias])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Code lists, and what is made of them alone, apart from views."""
        return "reference" if dbt_resource_props["schema"] == "reference" else VIEWS_GROUP

    def get_automation_condition(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> dg.AutomationCondition[dg.AssetKey] | None:
        """Follow the register."""
        del dbt_resource_props
        return catch_up()


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
        dagster_dbt_translator=Translator(),
        pool=VIEWS_POOL,
    )
    def views(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            create_register(database)
            context.log.info("%s", keep_pseudonyms(database, deployment.settings))
            os.environ.update(database.dbt_environment())
            progress()("views", 0, None)
            target = Path(project.target_path) / "run"
            state = current_state(database, _fingerprint(dbt_folder()))
            arguments = ["build"]
            if not is_made_of(database, state):
                _require_all_views(context)
                arguments.append("--full-refresh")
                if context.is_subset:
                    # Whoever follows the register asks for views alone, and they read lists.
                    dbt_resource(project).cli([*arguments, *LISTS], target_path=target).wait()
            build = dbt_resource(project).cli(arguments, context=context, target_path=target)
            events = build.stream()
            # dbt's own lines belong in the run's compute log, not in the middle of a progress bar.
            with redirect_stdout(StringIO()) if is_watched() else nullcontext():
                yield from with_pictures(events, database)
            remember(database, state)

    return views


def _require_all_views(context: dg.AssetExecutionContext) -> None:
    groups = context.assets_def.group_names_by_key
    views = {key for key, group in groups.items() if group == VIEWS_GROUP}
    if not views <= context.selected_asset_keys:
        msg = (
            "Some of the views were to be built, and all of them are of another version or of "
            "another register. Materialise all views once (`vtj-pipeline run views`)."
        )
        raise ViewsError(msg)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in ("target", "logs", "dbt_packages"):
            digest.update(str(relative).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
