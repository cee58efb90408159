"""What Dagster is told: it loads, and it is what the design promises."""

import os
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.freshness import CronFreshnessPolicy

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.orchestration.alarms.sensors import CHECKS, CURSORS, RUNS
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.checks import (
    ANOMALIES,
    CHECKED,
    ONE_CURRENT_ROW,
    QUARANTINE,
    UNKNOWN,
)
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.instance import write_dagster_home
from vtj_pipeline.orchestration.jobs import PROOF_CRON
from vtj_pipeline.orchestration.landing_checks import AGE
from vtj_pipeline.orchestration.publication_check import PLAUSIBLE
from vtj_pipeline.register_files import CONTENTS
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline.source.subscriptions import NIGHT_AT
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.source.fake_source import running_source, told

ROOT = Path(__file__).parents[2]
NAME = "pohjois_savo"
JOBS = (
    *("baseline", "daily_changes", "refresh", "night", "proof", "reconcile"),
    *("legacy", "legacy_handover"),
)
VIEWS = {"municipality/resident", "municipality/mover", "wellbeing_area/resident"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return share_manifest(tmp_path_factory.mktemp("deployment") / "home")


@pytest.fixture(scope="module")
def definitions(home: Path) -> dg.Definitions:
    return defined(Settings(home=home, person_key=KEY))


def defined(settings: Settings) -> dg.Definitions:
    return build_definitions(Deployment(settings, (subscription(),)))


def subscription(**more: Any) -> Subscription:
    return Subscription(
        name=NAME,
        product="municipality",
        municipalities=("297",),
        start_date=date(2025, 1, 1),
        baseline="perustiedot-vko",
        **more,
    )


@pytest.fixture(scope="module")
def groups(definitions: dg.Definitions) -> dict[str, set[str]]:
    """Group → asset keys that something makes."""
    graph = definitions.resolve_asset_graph()
    made: dict[str, set[str]] = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_materializable:
            made.setdefault(str(node.group_name), set()).add(key.to_user_string())
    return made


def test_they_load(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_they_load_where_nothing_is_set_up(tmp_path: Path) -> None:
    empty = build_definitions(Deployment(Settings(home=tmp_path, person_key=KEY), ()))
    dg.Definitions.validate_loadable(empty)


def test_a_process_of_the_code_location_loads_neither_dbt_nor_pandas(tmp_path: Path) -> None:
    """Each would take longer than all else that the process loads, and there are many of them."""
    home = share_manifest(tmp_path / "home")
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys, vtj_pipeline.definitions; print({'dbt', 'pandas'} & set(sys.modules))",
        ],
        env={**os.environ, "VTJ_HOME": str(home), "VTJ_IDENTITY_KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[-1] == "set()"


def test_every_asset_has_its_key_and_group(groups: dict[str, set[str]]) -> None:
    assert set(groups) == {"landing", "events", "register", "views", "reference", "quality"}
    landing = {"baseline_snapshot", "daily_changes", "person_refresh", "reconciliation"}
    landing |= {"legacy_files", "legacy_handover"}
    assert groups["landing"] == {f"{NAME}/{asset}" for asset in landing}
    assert groups["events"] == {"events/event_rows"}
    tables = {table.name for table in CATALOGUE.tables.values()} | {"person"}
    assert groups["register"] == {f"register/{table}" for table in tables}
    assert groups["views"] >= VIEWS
    assert groups["quality"] >= {"quality/cursor_age", "quality/event_delay"}
    assert {"reference/municipalities", "reference/municipality_area"} <= groups["reference"]


def test_every_view_is_made_by_itself_when_the_register_was(
    definitions: dg.Definitions, groups: dict[str, set[str]]
) -> None:
    graph = definitions.resolve_asset_graph()
    for name in groups["views"] | groups["quality"]:
        key = dg.AssetKey.from_user_string(name)
        before = {one.to_user_string() for one in graph.get_ancestor_asset_keys(key)}
        assert before & groups["register"], name


def test_the_output_of_a_view_is_named_for_its_key(definitions: dg.Definitions) -> None:
    """Pictures find their view by it."""
    views = definitions.resolve_assets_def(dg.AssetKey(["statistics", "population"]))
    named = views.keys_by_output_name
    assert dg.AssetKey(["statistics", "population"]) in named.values()
    assert all(name == key.to_python_identifier() for name, key in named.items())


def test_the_views_read_the_ledger_as_tables_that_landing_writes(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    read = graph.get(dg.AssetKey(["quality", "drift"])).parent_keys
    assert {key.to_user_string() for key in read} == {
        "ledger/reconciliation",
        "ledger/reconciliation_drift",
        "register/person",  # after which it is made by itself
    }
    ledger = [graph.get(key) for key in graph.get_all_asset_keys() if key.path[0] == "ledger"]
    assert {node.group_name for node in ledger} == {"landing"}
    assert not any(node.is_materializable or not node.description for node in ledger)


def test_of_the_register_s_checks_one_stops_its_publication(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    checks = [key for key in graph.asset_check_keys if key.asset_key == CHECKED]
    warning = {UNKNOWN, QUARANTINE, ANOMALIES, ONE_CURRENT_ROW}
    assert {key.name for key in checks} == {*warning, PLAUSIBLE}
    assert {key.name for key in checks if graph.get(key).blocking} == {PLAUSIBLE}


def test_what_the_night_makes_has_to_be_there_in_the_morning(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    policies = {
        key.to_user_string(): graph.get(key).freshness_policy_or_from_metadata
        for key in graph.get_all_asset_keys()
    }
    policies = {key: policy for key, policy in policies.items() if policy is not None}
    assert set(policies) == {f"{NAME}/daily_changes", "register/person"}
    for policy in policies.values():
        assert isinstance(policy, CronFreshnessPolicy)
        assert (policy.deadline_cron, policy.timezone) == (PROOF_CRON, "Europe/Helsinki")
        # What the night has made counts, what was made the day before does not.
        night = timedelta(hours=7) - timedelta(hours=NIGHT_AT.hour, minutes=NIGHT_AT.minute)
        assert night < policy.lower_bound_delta <= timedelta(hours=7)


def test_checks_of_the_code_lists_stand_with_what_is_made_of_them(
    definitions: dg.Definitions,
) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    found = {(key.asset_key.to_user_string(), key.name) for key in keys}
    division, area = "reference/municipality_division", "reference/municipality_area"
    assert {
        (division, "the_division_of_this_year_is_known"),
        (division, "municipalities_are_as_many_as_published"),
        (division, "every_code_counts_once_in_every_division"),
        (area, "every_municipality_is_in_one_area_of_a_kind"),
        ("reference/wellbeing_areas", "wellbeing_areas_are_23"),
    } <= found


def test_only_days_and_old_files_are_partitions(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    partitioned = {
        key.to_user_string(): graph.get(key).partitions_def
        for key in graph.get_all_asset_keys()
        if graph.get(key).partitions_def is not None
    }
    assert set(partitioned) == {f"{NAME}/daily_changes", f"{NAME}/legacy_files"}
    days = partitioned[f"{NAME}/daily_changes"]
    assert isinstance(days, dg.DailyPartitionsDefinition)
    assert days.timezone == "Europe/Helsinki"


def test_every_job_resolves(definitions: dg.Definitions) -> None:
    own = {f"{NAME}_{job}" for job in JOBS}
    names = own | {"register", "views"}
    assert all(definitions.resolve_job_def(name).name == name for name in names)


def test_the_register_s_files_are_an_asset_only_where_they_are_asked_for(
    home: Path, definitions: dg.Definitions
) -> None:
    key = dg.AssetKey(["register_files", "manifest"])
    assert key not in definitions.resolve_asset_graph().get_all_asset_keys()
    asked = defined(Settings(home=home, person_key=KEY, register_files=True))
    dg.Definitions.validate_loadable(asked)
    node = asked.resolve_asset_graph().get(key)
    # After the views that they are made by, and with them in no run of theirs or the register's.
    assert {".".join(one.path) for one in node.parent_keys} == {one.table for one in CONTENTS}
    jobs = {
        name: key in asked.resolve_job_def(name).asset_layer.selected_asset_keys
        for name in ("register", "views", f"{NAME}_night", "register_files")
    }
    assert [name for name, has_it in jobs.items() if has_it] == ["register_files"]
    assert node.tags["personal_data"] == "pseudonymous"


def test_the_register_s_files_are_written_after_the_views_and_not_in_their_run(home: Path) -> None:
    asked = defined(Settings(home=home, person_key=KEY, register_files=True))
    files = dg.AssetKey(["register_files", "manifest"])
    views = sorted(asked.resolve_asset_graph().get(files).parent_keys)
    with dg.DagsterInstance.ephemeral() as instance:

        def requested(cursor: Any) -> tuple[set[dg.AssetKey], Any]:
            told = dg.evaluate_automation_conditions(asked, instance, cursor=cursor)
            keys = {one.key for one in told.results if told.get_num_requested(one.key)}
            return keys, told.cursor

        _, cursor = requested(None)
        made = dg.AssetKey(["events", "event_rows"])
        instance.report_runless_asset_event(dg.AssetMaterialization(made))
        keys, cursor = requested(cursor)
        assert keys >= set(views) and files not in keys
        for view in views:
            instance.report_runless_asset_event(dg.AssetMaterialization(view))
        keys, cursor = requested(cursor)
        assert files in keys
        keys, cursor = requested(cursor)
        assert files not in keys


@pytest.mark.parametrize(
    ("rhythm", "name", "cron", "is_on"),
    [
        ("nightly", "nightly", "15 2-7 * * *", True),
        ("hourly", "hourly", "15 * * * *", True),
        ("off", "nightly", "15 2-7 * * *", False),
    ],
)
def test_a_subscription_has_the_rhythm_that_its_file_says(
    home: Path, rhythm: str, name: str, cron: str, is_on: bool
) -> None:
    settings = Settings(home=home, person_key=KEY)
    definitions = build_definitions(Deployment(settings, (subscription(rhythm=rhythm),)))
    schedule = definitions.get_schedule_def(f"{NAME}_{name}")
    assert schedule.execution_timezone == "Europe/Helsinki"
    assert schedule.cron_schedule == cron
    assert (schedule.default_status == dg.DefaultScheduleStatus.RUNNING) is is_on
    changes = definitions.resolve_asset_graph().get(dg.AssetKey([NAME, "daily_changes"]))
    assert changes.partitions_def is not None
    today = today_in_finland()
    last = today if rhythm == "hourly" else today - timedelta(days=1)
    assert changes.partitions_def.get_last_partition_key() == last.isoformat()


def test_one_module_is_named_everywhere() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text("utf-8"))
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    module = pyproject["tool"]["dagster"]["module_name"]
    assert workspace == {"load_from": [{"python_module": module}]}
    assert module == "vtj_pipeline.definitions"


def test_dagster_sends_no_telemetry(tmp_path: Path) -> None:
    text = (write_dagster_home(Settings(home=tmp_path)) / "dagster.yaml").read_text("utf-8")
    instance = yaml.safe_load(text)
    assert instance["telemetry"] == {"enabled": False}
    assert instance["nux"] == {"enabled": False}
    assert instance["freshness"] == {"enabled": True}
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert pyproject["tool"]["dg"]["cli"]["telemetry"] == {"enabled": False}


def sensors(definitions: dg.Definitions) -> dict[str, dg.SensorDefinition]:
    """Those that tell people, by name."""
    names = (RUNS, CHECKS, CURSORS)
    return {name: definitions.resolve_sensor_def(name) for name in names}


def test_alarms_are_on_by_themselves_where_somebody_is_to_be_told(
    home: Path, definitions: dg.Definitions
) -> None:
    off = sensors(definitions).values()
    assert {one.default_status for one in off} == {dg.DefaultSensorStatus.STOPPED}
    assert all("VTJ_ALARM_WEBHOOK_URL" in (one.description or "") for one in off)
    with running_source() as server:
        server.on("hook", told({}))
        url = f"{server.url}/hook"
        told_of = defined(Settings(home=home, person_key=KEY, alarm_webhook_url=url))
        on = sensors(told_of)
        assert {one.default_status for one in on.values()} == {dg.DefaultSensorStatus.RUNNING}
        # Every check is watched, but for the one that has a sensor of its own.
        keys = {key for key in told_of.resolve_asset_graph().asset_check_keys if key.name != AGE}
        with dg.DagsterInstance.ephemeral() as instance:
            for key in keys:
                failed = dg.AssetCheckEvaluation(key.asset_key, key.name, passed=False)
                instance.report_runless_asset_event(failed)
            with dg.build_sensor_context(instance=instance) as context:
                on[CHECKS].evaluate_tick(context)
        [posted] = server.bodies("hook")
    names = {f"check/{key.asset_key.to_user_string()} {key.name}" for key in keys}
    assert set(posted["incidents"]) == names and len(names) > 100
