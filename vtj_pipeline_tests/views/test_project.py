"""The dbt project itself: reads without a database, describes what it makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from vtj_pipeline.orchestration.dbt_translator import COLUMNS, Translator
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.settings import Settings

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import BuiltViews, Register

ROOT = Path(__file__).resolve().parents[2]
OF_PERSONS = (
    "resident",
    "mover",
    "newborn",
    "deceased",
    "household",
    "school_starter",
    "voter_age",
    "language_minority",
    "address_quality",
    "client_list",
)
VIEWS = (
    ("analyst", "deceased"),
    ("analyst", "mover"),
    ("analyst", "newborn"),
    ("analyst", "resident"),
    *(("municipality", name) for name in OF_PERSONS),
    *(("wellbeing_area", name) for name in OF_PERSONS),
    ("protected", "resident_location"),
    ("statistics", "population"),
    ("statistics", "population_open"),
    ("statistics", "population_change"),
    ("statistics", "population_change_open"),
    ("statistics", "migration_flow"),
    ("statistics", "migration_flow_open"),
    ("quality", "cursor_age"),
    ("quality", "drift"),
    ("quality", "open_quarantine"),
    ("quality", "asked_but_absent"),
    ("quality", "hetu_change"),
    ("quality", "list_and_feed"),
    ("quality", "event_delay"),
    ("quality", "correction_rate"),
    ("quality", "partial_date"),
)
# What gives another answer on another day, or in another session.
CLOCK = re.compile(r"\bnow\(\)|\bcurrent_(date|time|timestamp|setting)\b|\bclock_timestamp\b", re.I)


def test_the_project_parses_without_a_database_or_a_warning(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VTJ_")}
    folder = str(ROOT / "dbt")
    parsed = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *(
                "--warn-error",
                "parse",
                "--project-dir",
                folder,
                "--profiles-dir",
                folder,
            ),
            *("--target-path", str(tmp_path), "--log-path", str(tmp_path)),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert parsed.returncode == 0, parsed.stdout


def test_every_view_and_column_is_described_in_the_database(register: Register) -> None:
    bare = register.ask(
        """
        select c.oid::regclass::text as relation, a.attname as column
        from pg_class as c
        left join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0
        where
            c.relnamespace in (
                select n.oid
                from pg_namespace as n
                where n.nspname in (
                    'municipality', 'wellbeing_area', 'protected', 'statistics', 'analyst',
                    'quality', 'timeline', 'reference'
                )
            )
            and c.relkind in ('v', 'r')
            and (
                obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null
            )
        """
    )
    assert bare == []


def test_the_views_are_exactly_those_promised(register: Register) -> None:
    found = register.ask(
        "select schemaname, viewname from pg_views "
        "where schemaname not in ('pg_catalog', 'information_schema', 'timeline')"
    )
    assert {(row["schemaname"], row["viewname"]) for row in found} == set(VIEWS)
    found = register.ask(
        "select schemaname, tablename from pg_tables where schemaname not in "
        "('pg_catalog', 'information_schema', 'register', 'ledger', 'reference', 'timeline', "
        "'audit')"
    )
    assert found == []


def test_dagster_is_told_the_columns_that_the_database_has(built_views: BuiltViews) -> None:
    """Where it fails: bring orchestration/column_types.toml or the model's yml up to date."""
    manifest = orjson.loads((built_views.target / "manifest.json").read_bytes())
    made = [one for one in manifest["nodes"].values() if one["resource_type"] in ("model", "seed")]
    translator = Translator(Deployment(Settings(), ()))
    told = {
        (one["schema"], one["alias"], column.name, column.type)
        for one in made
        for column in translator.get_metadata(one)[COLUMNS].columns
    }
    with closing(built_views.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select c.relnamespace::regnamespace::text, c.relname, a.attname, "
            "format_type(a.atttypid, a.atttypmod) from pg_attribute as a "
            "inner join pg_class as c on c.oid = a.attrelid "
            "where c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped"
        )
        found = set(cursor.fetchall())
    relations = {(one["schema"], one["alias"]) for one in made}
    assert told == {row for row in found if row[:2] in relations}


def test_reference_codes_keep_their_zeros(register: Register) -> None:
    (row,) = register.ask(
        "select count(*) as rows, min(municipality_code) as first from reference.municipalities"
    )
    assert row == {"rows": 425, "first": "004"}


def test_every_model_has_unit_tests_that_say_what_they_hold(built_views: BuiltViews) -> None:
    manifest = json.loads((built_views.target / "manifest.json").read_bytes())
    models = {n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    tests = manifest["unit_tests"].values()
    assert models - {test["model"] for test in tests} == set()
    assert [test["name"] for test in tests if not test["description"]] == []


def test_unit_tests_read_neither_the_clock_nor_the_session(built_views: BuiltViews) -> None:
    compiled = list((built_views.target / "compiled").glob("**/*.yml/models/**/*.sql"))
    tests = json.loads((built_views.target / "manifest.json").read_bytes())["unit_tests"]
    assert len(compiled) == len(tests)
    assert [path.stem for path in compiled if CLOCK.search(path.read_text("utf-8"))] == []
