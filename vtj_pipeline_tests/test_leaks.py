"""The scan finds what it is there for."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg2
import pytest

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.leaks import leaks_in_databases, leaks_in_homes, leaks_in_text
from vtj_pipeline_tests.servers import embedded_server

CODE = "010180-9004"
SURNAME, STREET = "Hämäläinen", "Ajurinkatu"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"asked for {CODE}.", "a personal identity code"),
        (f"lines\\n{CODE}\\n", "a personal identity code"),
        (f"{SURNAME} asked", "a name of surnames.csv"),
        ('{"last_name": "H\\u00e4m\\u00e4l\\u00e4inen"}', "a name of surnames.csv"),
        (f"'{STREET} 3'", "a name of street_names.csv"),
    ],
)
def test_each_kind_is_found(text: str, kind: str) -> None:
    assert leaks_in_text(text.encode()) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    ["010180-9005", "Ajurinkatunen", "1010180-9004", "ab010180-9004-", "990180-900W", "Helsinki"],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert leaks_in_text(text.encode()) == {}


def test_files_are_looked_at_outside_landing_and_events() -> None:
    # Not under pytest's own folder, where it would be found at the end.
    with tempfile.TemporaryDirectory() as home:
        for folder in ("landing", "events", "dagster"):
            (Path(home) / folder).mkdir()
            (Path(home) / folder / "file").write_text(f"{SURNAME} {CODE}", "utf-8")
        told = leaks_in_homes([Path(home)])
    assert told == [
        f"1 x a personal identity code in {home}/dagster/file",
        f"1 x a name of surnames.csv in {home}/dagster/file",
    ]


def test_tables_of_dagster_and_the_ledger_are_looked_at_in_every_database() -> None:
    with embedded_server() as server:
        for schema in ("public", "dagster", "ledger", "register"):
            _plant(new_database(server), schema)
        told = leaks_in_databases(server)
    assert sorted(sentence.split(" of database")[0] for sentence in told) == [
        "1 x a name of street_names.csv in dagster.planted",
        "1 x a name of street_names.csv in ledger.planted",
        "1 x a name of street_names.csv in public.planted",
    ]


def _plant(database: Database, schema: str) -> None:
    connection = psycopg2.connect(database.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(f"create table {schema}.planted as select %s as text", (STREET,))
    connection.close()
