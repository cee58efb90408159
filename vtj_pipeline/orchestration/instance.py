"""Dagster's instance: the `dagster.yaml` that the program writes, its storage and pools.

Where several customers share the instance its files say so: a limit for the runs of each, and
output of runs in each one's own folder. Keep out definitions, and where a customer's settings stand
(`customers/`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import dagster as dg
import yaml

from vtj_pipeline.orchestration.assets.landing import source_pool
from vtj_pipeline.orchestration.assets.register import REGISTER_POOL
from vtj_pipeline.orchestration.assets.views import VIEWS_POOL
from vtj_pipeline.orchestration.console import dagster_log_configuration, dagster_log_environment
from vtj_pipeline.orchestration.customers_queue import CustomersRunCoordinator
from vtj_pipeline.orchestration.deployment import CUSTOMER_TAG
from vtj_pipeline.postgres import dagster_database

WORKSPACE = "workspace.yaml"

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

_AT_ONCE = 8
_HEADER = "# Written by vtj-pipeline at each start; edits do not last.\n"


def write_dagster_home(settings: Settings, sockets: Mapping[str, Path] | None = None) -> Path:
    """Write `dagster.yaml` and `workspace.yaml` under the home; the folder that is DAGSTER_HOME.

    Args:
        settings: Of the environment.
        sockets: Customer → where its code server listens, where the processes are for all of them.
    """
    folder = settings.home.absolute() / "dagster"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = _read("dagster.yaml")
    if sockets is not None or settings.customer is not None:
        configuration = _for_customers(configuration, settings)
    elif settings.runs_at_once != _config(configuration)["concurrency"]["runs"][_MOST]:
        configuration = _with_runs(configuration, {_MOST: settings.runs_at_once})
    workspace = _read(WORKSPACE) if sockets is None else _locations(sockets)
    for name, text in (
        ("dagster.yaml", configuration + dagster_log_configuration()),
        (WORKSPACE, workspace),
    ):
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    return folder


_MOST = "max_concurrent_runs"


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _config(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def _with_runs(text: str, runs: Mapping[str, Any]) -> str:
    configuration = _config(text)
    configuration["concurrency"]["runs"] = dict(runs)
    return f"{_HEADER}{yaml.safe_dump(configuration)}"


def _for_customers(text: str, settings: Settings) -> str:
    """Each customer's runs are counted apart, and what they write stands in its own home."""
    each = {
        "key": CUSTOMER_TAG,
        "value": {"applyLimitPerUniqueValue": True},
        "limit": settings.runs_of_customer,
    }
    configuration = _config(
        _with_runs(text, {_MOST: settings.runs_at_once, "tag_concurrency_limits": [each]})
    )
    configuration["run_coordinator"] = {
        "module": CustomersRunCoordinator.__module__,
        "class": CustomersRunCoordinator.__qualname__,
        "config": {
            **configuration.pop("run_queue"),
            "dequeue_use_threads": True,
            "dequeue_num_workers": _AT_ONCE,
        },
    }
    # One after another, all would wait for a code server that does not answer.
    for part in ("schedules", "sensors", "auto_materialize"):
        configuration[part] = {"use_threads": True, "num_workers": _AT_ONCE}
    # A run is told of the daemon's instance: only what it reads in its own environment is its own.
    configuration["compute_logs"] = {
        "module": "dagster.core.storage.local_compute_log_manager",
        "class": "LocalComputeLogManager",
        "config": {"base_dir": {"env": "VTJ_RUN_OUTPUT"}},
    }
    return f"{_HEADER}{yaml.safe_dump(configuration)}"


def _locations(sockets: Mapping[str, Path]) -> str:
    """A code location for each customer, under its name."""
    locations = [
        {"grpc_server": {"socket": str(socket), "location_name": name}}
        for name, socket in sorted(sockets.items())
    ]
    return f"{_HEADER}{yaml.safe_dump({'load_from': locations})}"


def dagster_environment(
    settings: Settings, database: Database, sockets: Mapping[str, Path] | None = None
) -> dict[str, str]:
    """The variables that Dagster's processes need."""
    folder = write_dagster_home(settings, sockets)
    return {
        "DAGSTER_HOME": str(folder),
        "VTJ_DAGSTER_POSTGRES_URL": dagster_database(settings, database).dagster_url(),
        "VTJ_CODE_SOCKET": str(settings.code_server),
        "VTJ_RUN_OUTPUT": str(folder / "storage"),
        **database.dbt_environment(),
        **dagster_log_environment(),
    }


@contextmanager
def dagster_instance(deployment: Deployment, database: Database) -> Iterator[dg.DagsterInstance]:
    """The instance that the UI shows too, with every pool's limit set.

    Limits are set one by one: Dagster does not enforce a default limit on the first dequeue.
    """
    environment = dagster_environment(deployment.settings, database)
    os.environ.update(environment)
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        pools = [
            *(deployment.named(one) for one in (REGISTER_POOL, VIEWS_POOL)),
            *(source_pool(deployment, one) for one in deployment.subscriptions),
        ]
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
