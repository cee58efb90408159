"""What a customer's code location calls its things, in an instance that it shares with others.

Names of the plain deployment are what they always were: `orchestration/test_definitions.py`.
"""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from vtj_pipeline.orchestration.alarms.sensors import CHECKS, CURSORS, RUNS
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.customers_queue import CustomersRunCoordinator
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.instance import write_dagster_home
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest

CUSTOMER = "kuopio"
TOWN = Subscription(
    name="town",
    product="municipality",
    municipalities=("297",),
    start_date=date(2025, 1, 1),
    baseline="perustiedot-vko",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dg.Definitions]:
    """Definitions of the same subscription, of a customer and of a deployment that is alone."""
    home = share_manifest(tmp_path_factory.mktemp("customers") / "home")
    files = home.parent / "old"
    files.mkdir()
    town = TOWN.model_copy(update={"legacy_files": files / "*"})
    return {
        name: build_definitions(
            Deployment(Settings(home=home, person_key=KEY, customer=name or None), (town,))
        )
        for name in ("", CUSTOMER)
    }


def keys(definitions: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}


def pools(definitions: dg.Definitions) -> set[str]:
    graph = definitions.resolve_asset_graph()
    return {pool for key in graph.get_all_asset_keys() for pool in graph.get(key).pools or ()}


def checks(definitions: dg.Definitions) -> set[tuple[str, str]]:
    found = definitions.resolve_asset_graph().asset_check_keys
    return {(key.asset_key.to_user_string(), key.name) for key in found}


def test_they_load(made: dict[str, dg.Definitions]) -> None:
    for one in made.values():
        dg.Definitions.validate_loadable(one)


def test_every_key_of_a_customer_s_begins_with_its_name(made: dict[str, dg.Definitions]) -> None:
    alone, own = keys(made[""]), keys(made[CUSTOMER])
    assert {"register/person", "events/event_rows", "town/daily_changes"} < alone
    assert {"municipality/resident", "quality/drift", "ledger/reconciliation"} < alone
    assert own == {f"{CUSTOMER}/{key}" for key in alone}
    assert checks(made[CUSTOMER]) == {(f"{CUSTOMER}/{key}", name) for key, name in checks(made[""])}


def test_every_pool_and_partition_is_a_customer_s_own(made: dict[str, dg.Definitions]) -> None:
    """One that were shared would let a customer wait for another."""
    assert pools(made[""]) == {"source_town", "legacy_town", "register_writer", "views_writer"}
    assert pools(made[CUSTOMER]) == {f"{CUSTOMER}/{pool}" for pool in pools(made[""])}
    names = []
    for own, name in (([], ""), ([CUSTOMER], CUSTOMER)):
        files = made[name].resolve_asset_graph().get(dg.AssetKey([*own, "town", "legacy_files"]))
        assert isinstance(files.partitions_def, dg.DynamicPartitionsDefinition)
        names.append(files.partitions_def.name)
    assert names == ["town_legacy_files", f"{CUSTOMER}/town_legacy_files"]


def test_parents_and_conditions_are_a_customer_s_own(made: dict[str, dg.Definitions]) -> None:
    """A dependency on another's asset would be one that nobody ever makes."""
    graph = made[CUSTOMER].resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        assert {parent.path[0] for parent in graph.get(key).parent_keys} <= {CUSTOMER}, key
        condition = graph.get(key).automation_condition
        if condition is not None:
            for child in condition.children:
                assert getattr(child, "key", key).path[0] == CUSTOMER


def test_jobs_schedules_and_sensors_keep_their_names(made: dict[str, dg.Definitions]) -> None:
    """They stand below their code location, and mean that location's assets."""
    for one in made.values():
        repository = one.get_repository_def()
        assert {"town_night", "town_baseline", "register", "views"} <= set(repository.job_names)
        assert {one.name for one in repository.schedule_defs} == {
            "town_nightly", "town_mornings", "town_weekly",
        }  # fmt: skip
        sensors = {one.name for one in repository.sensor_defs}
        assert sensors == {"catch_up", "town_legacy_folder", RUNS, CHECKS, CURSORS}


def test_labels_are_those_of_the_layer_not_of_the_customer(
    made: dict[str, dg.Definitions],
) -> None:
    graph = made[CUSTOMER].resolve_asset_graph()
    statistics = graph.get(dg.AssetKey([CUSTOMER, "statistics", "population"]))
    assert statistics.tags["personal_data"] == "aggregated"
    landed = graph.get(dg.AssetKey([CUSTOMER, "town", "daily_changes"]))
    assert landed.tags["subscription"] == "town"


def test_the_instance_counts_each_customer_s_runs_and_keeps_their_output_apart(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path, runs_at_once=6, runs_of_customer=1)
    folder = write_dagster_home(settings, {CUSTOMER: tmp_path / "k.sock", "aura": Path("/a.sock")})
    instance = yaml.safe_load((folder / "dagster.yaml").read_text("utf-8"))
    assert instance["concurrency"]["runs"] == {
        "max_concurrent_runs": 6,
        "tag_concurrency_limits": [
            {"key": "vtj/customer", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
        ],
    }
    # One that does not answer must not keep the others waiting.
    for part in ("schedules", "sensors", "auto_materialize"):
        assert instance[part]["use_threads"] is True
    assert instance["run_coordinator"]["config"]["dequeue_use_threads"] is True
    queue = instance["run_coordinator"]
    assert getattr(import_module(queue["module"]), queue["class"]) is CustomersRunCoordinator
    dagster_instance_config(str(folder))  # it is one that Dagster takes
    assert instance["compute_logs"]["config"] == {"base_dir": {"env": "VTJ_RUN_OUTPUT"}}
    assert yaml.safe_load((folder / "workspace.yaml").read_text("utf-8"))["load_from"] == [
        {"grpc_server": {"socket": "/a.sock", "location_name": "aura"}},
        {"grpc_server": {"socket": str(tmp_path / "k.sock"), "location_name": CUSTOMER}},
    ]


def test_the_instance_of_one_is_as_it_always_was(tmp_path: Path) -> None:
    folder = write_dagster_home(Settings(home=tmp_path))
    given = Path(write_dagster_home.__code__.co_filename).parent
    for name in ("dagster.yaml", "workspace.yaml"):
        assert (folder / name).read_text("utf-8") == (given / name).read_text("utf-8")
