"""What Dagster shows of dbt's models, seeds and tests: keys, groups, automation, words.

Columns and descriptions are those of the yml files beside the models. Add a text to `_WHAT_TO_DO`
when a generic test is used for the first time; a singular test says it in `dbt/tests/tests.yml`.
Keep out how dbt is run (`assets/views.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import dagster as dg

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.orchestration.automation import catch_up
from vtj_pipeline.orchestration.dbt_process import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
)
from vtj_pipeline.orchestration.deployment import Deployment

VIEWS_GROUP = "views"
COLUMNS = "dagster/column_schema"
UNKNOWN_TYPE = "?"
# What is published with every publication, whoever is in it.
_PERSON = ("register", "person")
_MADE_IN_REGISTER = {*CATALOGUE.tables, "person"}
_REPORT = (
    "Build all views once (vtj-pipeline run views); if it fails again, the view or the register is "
    "at fault: report view, column and this version."
)
# By the name of a generic test; of `what` it is asked.
_WHAT_TO_DO = {
    "not_null": f"Fails when {{what}} is empty in a row. What to do: {_REPORT}",
    "unique": f"Fails when two rows have the same {{what}}. What to do: {_REPORT}",
    "accepted_values": (
        "Fails when {what} holds a value that is none of those listed in the model's yml file. "
        "What to do: see whether the source has begun to tell a new value; add it to the list and "
        "to the catalogue, or report it."
    ),
    "relationships": (
        "Fails when {what} holds a code that the official list does not have. The rows are shown "
        "all the same. What to do: look the code up; if it is newer than the list, bring the list "
        "up to date (dbt/seeds/README.md)."
    ),
    "no_protected_location": (
        "Fails when {what} tells anything of where a protected person is. What to do, at once: "
        "take the role from the view's readers (vtj-pipeline roles revoke), build all views "
        "(vtj-pipeline run views), and report it if it fails again. The check views_are_masked "
        "says of which views it is so."
    ),
}
_OTHERWISE = f"Fails when a row of {{what}} breaks the rule {{name}}. What to do: {_REPORT}"


class Translator(DagsterDbtTranslator):
    """Keys, parents, groups, automation and words.

    Args:
        deployment: Whose assets they are.
        with_code: Whether assets know the files that they are made from.
    """

    def __init__(self, deployment: Deployment, *, with_code: bool = False) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_code_references=with_code))
        self._deployment = deployment

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """What reads no table that an asset makes follows the register's persons.

        Nobody would make it by itself otherwise, and the first views of all need all views.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        is_view = unique_id.startswith("model.") and spec.group_name != "reference"
        if is_view and not any(
            _is_made(one, manifest) for one in manifest["parent_map"][unique_id]
        ):
            return spec.merge_attributes(deps=[self._deployment.key(*_PERSON)])
        return spec

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Tables of register and ledger, models and seeds: all stand under their schema."""
        alias = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        return dg.AssetKey(self._deployment.key(dbt_resource_props["schema"], alias))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Code lists, and what is made of them alone, and what is asked of quality, apart."""
        schema = str(dbt_resource_props["schema"])
        return schema if schema in ("reference", "quality") else VIEWS_GROUP

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own words, without its SQL: that is a template, and not what runs."""
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """The name of the table, and its columns with meaning and type."""
        found = dict(super().get_metadata(dbt_resource_props))
        known = found.get(COLUMNS)
        if isinstance(known, dg.TableSchema):
            found[COLUMNS] = dg.TableSchema(
                [_typed(one, dbt_resource_props) for one in known.columns]
            )
        return found

    def get_automation_condition(
        self, dbt_resource_props: Mapping[str, Any]
    ) -> dg.AutomationCondition[dg.AssetKey] | None:
        """Follow the register."""
        del dbt_resource_props
        return catch_up()

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """A test, which says what to do when it fails."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=_what_to_do(self.get_resource_props(manifest, unique_id), spec.asset_key),
            additional_deps=spec.additional_deps,
            blocking=spec.blocking,
            metadata=spec.metadata,
        )


def is_made(source: Mapping[str, Any]) -> bool:
    """Whether an asset makes a table that is no model; the program writes the others by the way."""
    return source["schema"] == "register" and source["name"] in _MADE_IN_REGISTER


def _is_made(parent: str, manifest: Mapping[str, Any]) -> bool:
    source = manifest["sources"].get(parent)
    return source is None or is_made(source)


def _typed(column: dg.TableColumn, props: Mapping[str, Any]) -> dg.TableColumn:
    if column.type != UNKNOWN_TYPE:
        return column
    own: Mapping[str, str] = props.get("config", {}).get("column_types") or {}
    shown = own.get(column.name) or _type_of(props.get("alias") or props["name"], column.name)
    return dg.TableColumn(column.name, type=shown, description=column.description)


def _type_of(model: str, column: str) -> str:
    types = _types()
    return types.get(f"{model}.{column}") or types.get(column, UNKNOWN_TYPE)


@cache
def _types() -> dict[str, str]:
    """Type by name of a column, and by `model.column` where that one is another."""
    read = tomllib.loads(files(__package__).joinpath("column_types.toml").read_text("utf-8"))
    exceptions: dict[str, str] = read.pop("of")
    return {name: kind for kind, names in read.items() for name in names} | exceptions


def _what_to_do(test: Mapping[str, Any], asset: dg.AssetKey) -> str:
    generic = (test.get("test_metadata") or {}).get("name")
    if generic is None and test.get("description"):
        return str(test["description"])
    column = test.get("column_name")
    what = f"{column} of {'.'.join(asset.path)}" if column else ".".join(asset.path)
    return _WHAT_TO_DO.get(str(generic), _OTHERWISE).format(what=what, name=test["name"])
