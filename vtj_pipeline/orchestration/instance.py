"""Dagster's instance: the `dagster.yaml` that the program writes, its storage and pools.

Keep out definitions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.orchestration.assets.landing import source_pool
from vtj_pipeline.orchestration.assets.register import REGISTER_POOL
from vtj_pipeline.orchestration.assets.views import VIEWS_POOL
from vtj_pipeline.orchestration.console import dagster_log_configuration, dagster_log_environment

WORKSPACE = "workspace.yaml"

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database


def write_dagster_home(home: Path) -> Path:
    """Write `dagster.yaml` and `workspace.yaml` under `home`; the folder that is DAGSTER_HOME."""
    folder = home.absolute() / "dagster"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, more in (("dagster.yaml", dagster_log_configuration()), (WORKSPACE, "")):
        text = files(__package__).joinpath(name).read_text("utf-8") + more
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    return folder


def dagster_environment(home: Path, database: Database) -> dict[str, str]:
    """The variables that Dagster's processes need."""
    folder = write_dagster_home(home)
    return {
        "DAGSTER_HOME": str(folder),
        "VTJ_DAGSTER_POSTGRES_URL": database.dagster_url(),
        "VTJ_CODE_SOCKET": str(folder / "code.sock"),
        **database.dbt_environment(),
        **dagster_log_environment(),
    }


@contextmanager
def dagster_instance(deployment: Deployment, database: Database) -> Iterator[dg.DagsterInstance]:
    """The instance that the UI shows too, with every pool's limit set.

    Limits are set one by one: Dagster does not enforce a default limit on the first dequeue.
    """
    environment = dagster_environment(deployment.settings.home, database)
    os.environ.update(environment)
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        pools = [REGISTER_POOL, VIEWS_POOL, *(source_pool(s) for s in deployment.subscriptions)]
        limits = {p.name for p in instance.event_log_storage.get_pool_limits()}
        for pool in pools:
            if pool not in limits:
                instance.event_log_storage.set_concurrency_slots(pool, 1)
        yield instance


def upgrade_storage(instance: dg.DagsterInstance) -> tuple[str | None, str | None]:
    """Bring Dagster's own storage to what the installed Dagster needs; its revision before, now."""
    before, _ = instance.run_storage.alembic_version() or (None, None)
    instance.upgrade()
    now, _ = instance.run_storage.alembic_version() or (None, None)
    return before, now
