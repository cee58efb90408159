"""Every asset says what it is: description, group, kinds, columns, owner, tags, its code."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.code_links import repository_path
from vtj_pipeline.orchestration.dbt_translator import COLUMNS, UNKNOWN_TYPE
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.pins import ROOT

pytestmark = pytest.mark.slow

NAME = "pohjois_savo"
OWNERS = ("registry@example.fi", "team:data")
CODE_URL = "https://git.example.fi/area/vtj-pipeline/src/main"
GROUPS = {"landing", "events", "register", "views", "quality", "reference"}
REFERENCES = "dagster/code_references"
# What stands in files has no columns that a reader could ask for.
IN_FILES = {
    "events/event_rows",
    *(f"{NAME}/{name}" for name in ("baseline_snapshot", "daily_changes")),
    *(f"{NAME}/{name}" for name in ("person_refresh", "reconciliation")),
    *(f"{NAME}/{name}" for name in ("legacy_files", "legacy_handover")),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return share_manifest(tmp_path_factory.mktemp("deployment") / "home")


def built(home: Path, **settings: Any) -> dg.Definitions:
    subscription = Subscription(
        name=NAME,
        product="municipality",
        municipalities=("297",),
        start_date=date(2025, 1, 1),
        baseline="perustiedot-vko",
    )
    ours = Settings(home=home, person_key=KEY, **settings)
    return build_definitions(Deployment(ours, (subscription,)))


@pytest.fixture(scope="module")
def definitions(home: Path) -> dg.Definitions:
    """As a deployment has it."""
    return built(home, owners=OWNERS, code_url=CODE_URL)


@pytest.fixture(scope="module")
def nodes(definitions: dg.Definitions) -> dict[str, Any]:
    """Every asset by its key, those that nothing makes among them."""
    graph = definitions.resolve_asset_graph()
    return {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}


def test_every_asset_says_what_it_is(nodes: dict[str, Any]) -> None:
    assert len(nodes) > 80
    wanting = {
        name: (node.description, node.group_name, node.kinds, list(node.owners))
        for name, node in nodes.items()
        if not node.description
        or node.group_name not in GROUPS
        or not node.kinds
        or tuple(node.owners) != OWNERS
    }
    assert wanting == {}


def test_the_kinds_are_those_of_the_layer(nodes: dict[str, Any]) -> None:
    kinds = {name: set(node.kinds) for name, node in nodes.items()}
    assert kinds[f"{NAME}/daily_changes"] == {"httpx", "parquet"}
    assert kinds["events/event_rows"] == {"duckdb", "parquet"}
    assert kinds["register/address"] == {"duckdb", "postgres"}
    assert kinds["municipality/resident"] == {"dbt", "postgres"}
    assert kinds["ledger/landing_batch"] == {"postgres"}


def test_every_table_and_view_has_its_columns_with_type_and_meaning(nodes: dict[str, Any]) -> None:
    schemas = {name: node.metadata.get(COLUMNS) for name, node in nodes.items()}
    assert {name for name, schema in schemas.items() if schema is None} == IN_FILES
    wanting = [
        f"{name}.{column.name}"
        for name, schema in schemas.items()
        if schema is not None
        for column in schema.columns
        if not column.description or column.type in ("", UNKNOWN_TYPE)
    ]
    assert wanting == []
    person = {column.name: column.type for column in schemas["register/person"].columns}
    assert person["person_id"] == "uuid" and person["is_protected"] == "boolean"


def test_tags_say_whose_and_how_near_to_a_person(nodes: dict[str, Any]) -> None:
    near = {name: node.tags["personal_data"] for name, node in nodes.items()}
    assert near[f"{NAME}/daily_changes"] == near["register/person"] == "identified"
    assert near["wellbeing_area/resident"] == near["timeline/person_period"] == "identified"
    assert near["analyst/resident"] == near["ledger/not_answered"] == "pseudonymous"
    assert near["statistics/population"] == near["quality/drift"] == "aggregated"
    assert near["reference/municipalities"] == "none"
    whose = {name for name, node in nodes.items() if node.tags.get("subscription") == NAME}
    assert whose == IN_FILES - {"events/event_rows"}


def test_who_has_partitions_says_what_one_is(nodes: dict[str, Any]) -> None:
    said = {name: node.description for name, node in nodes.items() if node.partitions_def}
    assert set(said) == {f"{NAME}/daily_changes", f"{NAME}/legacy_files"}
    assert "A partition is a calendar day in Finland" in said[f"{NAME}/daily_changes"]
    assert "A partition is one file" in said[f"{NAME}/legacy_files"]
    for name in (f"{NAME}/baseline_snapshot", "events/event_rows", "register/person"):
        assert "no partitions" in nodes[name].description


def test_every_check_says_what_to_do(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    checks = {key: graph.get(key).description or "" for key in graph.asset_check_keys}
    assert len(checks) > 100
    assert [key for key, said in checks.items() if "What to do" not in said] == []
    assert [key for key, said in checks.items() if "{" in said or "}" in said] == []


def test_code_is_linked_to_the_repository(nodes: dict[str, Any]) -> None:
    links = {
        name: [one.url for one in node.metadata[REFERENCES].code_references]
        for name, node in nodes.items()
        if REFERENCES in node.metadata
    }
    assert {name for name, node in nodes.items() if node.is_materializable} == set(links)
    assert (
        f"{CODE_URL}/dbt/models/municipality/municipality_resident.sql"
        in (links["municipality/resident"])
    )
    [link] = links["register/name"]
    assert re.fullmatch(rf"{CODE_URL}/vtj_pipeline/orchestration/assets/register\.py#L\d+", link)
    for url in (one for each in links.values() for one in each):
        assert (ROOT / url.removeprefix(f"{CODE_URL}/").split("#")[0]).is_file()


def test_an_installed_program_has_its_code_at_the_same_places() -> None:
    package = Path("/opt/lib/vtj_pipeline")
    assert str(repository_path(package / "cli.py", package)) == "vtj_pipeline/cli.py"
    model = package / "dbt_project/models/a/b.sql"
    assert str(repository_path(model, package)) == "dbt/models/a/b.sql"
    with pytest.raises(SettingsError, match="VTJ_CODE_URL"):
        repository_path(Path("/etc/passwd"), package)


def test_no_path_of_the_machine_is_told_unless_it_is_asked_for(home: Path) -> None:
    for code_url, told in ((None, False), (CODE_URL, False), ("local", True)):
        repository = built(home, code_url=code_url).get_repository_def()
        # All that webserver and daemon are told of the definitions.
        snapshot = dg.serialize_value(RepositorySnap.from_def(repository))
        assert (str(ROOT) in snapshot) == told, code_url
        assert str(home) not in snapshot
