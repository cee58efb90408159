"""dbt's documentation can be made, and tells of every table and column that people meet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from vtj_pipeline_tests.views.conftest import BuiltViews, run_dbt

Docs = tuple[dict[str, Any], dict[str, Any]]
PROJECT = "vtj"


@pytest.fixture(scope="module")
def docs(built_views: BuiltViews, tmp_path_factory: pytest.TempPathFactory) -> Docs:
    """The manifest, which is what is written, and the catalogue, which is what is there."""
    target = tmp_path_factory.mktemp("docs")
    made = run_dbt(built_views.database, target, "--warn-error", "docs", "generate")
    assert made.returncode == 0, made.stdout
    assert (target / "index.html").is_file()
    manifest, catalogue = (
        json.loads((target / name).read_text("utf-8")) for name in ("manifest.json", "catalog.json")
    )
    assert not catalogue["errors"]
    return manifest, catalogue


def relations(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Models, seeds and sources."""
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        if node["resource_type"] in ("model", "seed", "source") and node["package_name"] == PROJECT:
            yield node


def undocumented(manifest: dict[str, Any], catalogue: dict[str, Any]) -> list[str]:
    """What is there without a word, or told of and not there."""
    there = {**catalogue["nodes"], **catalogue["sources"]}
    faults = []
    for node in relations(manifest):
        name = f"{node['resource_type']} {node['name']}"
        if not node["description"].strip():
            faults.append(f"{name} has no description")
        told = {key.lower(): column["description"] for key, column in node["columns"].items()}
        faults += [f"{name}.{key} has no description" for key, text in told.items() if not text]
        if node["config"].get("materialized") == "ephemeral":
            continue
        if node["unique_id"] not in there:
            faults.append(f"{name} is not in the database")
            continue
        columns = {key.lower() for key in there[node["unique_id"]]["columns"]}
        faults += [f"{name}.{key} is not told of" for key in sorted(columns - set(told))]
        faults += [f"{name}.{key} is not there" for key in sorted(set(told) - columns)]
    return faults


def test_every_model_and_column_is_documented(docs: Docs) -> None:
    assert undocumented(*docs) == []


def test_what_is_missing_is_found(docs: Docs) -> None:
    manifest, catalogue = json.loads(json.dumps(docs))
    model = manifest["nodes"]["model.vtj.statistics_population"]
    model["description"] = " "
    model["columns"]["age"]["description"] = ""
    del model["columns"]["sex"]
    del catalogue["nodes"]["model.vtj.statistics_population"]["columns"]["month_end"]
    del catalogue["nodes"]["seed.vtj.languages"]
    assert sorted(undocumented(manifest, catalogue)) == [
        "model statistics_population has no description",
        "model statistics_population.age has no description",
        "model statistics_population.month_end is not there",
        "model statistics_population.sex is not told of",
        "seed languages is not in the database",
    ]


def test_who_uses_what_is_told(docs: Docs) -> None:
    exposures = docs[0]["exposures"].values()
    assert {e["name"] for e in exposures} >= {
        "municipal_case_work",
        "wellbeing_area_planning",
        "analysts_and_reports",
        "official_statistics",
        "data_quality",
        "pictures_of_a_run",
    }
    for exposure in exposures:
        assert exposure["description"] and exposure["owner"]["name"]
        assert exposure["depends_on"]["nodes"]
