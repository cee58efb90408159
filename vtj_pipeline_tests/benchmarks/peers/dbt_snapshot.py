"""dbt snapshots over tables that hold how things stand.

Chosen, after dbt's documentation: the strategy `timestamp`, which it recommends over `check`, with
the source's moment of recording; `hard_deletes: invalidate`; a unique key; indexes on the snapshots
by key and by `dbt_scd_id`; two threads. A snapshot reads a table of the present, so that one is
kept beside it: filled by COPY, and of those who are touched rows are exchanged, by an index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.benchmarks.peers.peer import Standing
from vtj_pipeline_tests.benchmarks.peers.rows import KEY, PERSON, UPDATED, Load

_STAGE, _SCHEMA = "peer_stage", "peer_dbt"
_PROJECT = {
    "name": "peer",
    "version": "1.0",
    "profile": "peer",
    "flags": {"send_anonymous_usage_stats": False},
}
_CONFIG = {
    "strategy": "timestamp",
    "updated_at": UPDATED,
    "unique_key": KEY,
    "hard_deletes": "invalidate",
    "schema": _SCHEMA,
    "indexes": [{"columns": [KEY]}, {"columns": ["dbt_scd_id"]}],
}
_SCHEMA_MACRO = (
    "{% macro generate_schema_name(custom_schema_name, node) -%}"
    "{{ custom_schema_name or target.schema }}{%- endmacro %}"
)


class DbtSnapshot:
    """Snapshots of every table."""

    name = "dbt snapshot"
    configured = "timestamp, hard_deletes invalidate, indexes, 2 threads; staged by COPY"
    keeps_history = True

    def begin(self, url: str, folder: Path, load: Load) -> None:
        _write_project(url, folder, load.tables)
        with (
            closing(Database(url).adbc()) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f"drop schema if exists {_STAGE} cascade")
            cursor.execute(f"drop schema if exists {_SCHEMA} cascade")
            cursor.execute(f"create schema {_STAGE}")
            for table in load.tables:
                cursor.adbc_ingest(table, _rows(load, table), mode="create", db_schema_name=_STAGE)
                cursor.execute(f"create index on {_STAGE}.{table} ({PERSON})")
                cursor.execute(f"analyze {_STAGE}.{table}")
            connection.commit()
        _snapshot(url, folder)

    def go_on(self, url: str, folder: Path, load: Load) -> None:
        persons = pa.table({PERSON: pa.array(load.persons, pa.string())})
        with (
            closing(Database(url).adbc()) as connection,
            connection.cursor() as cursor,
        ):
            cursor.adbc_ingest("touched", persons, mode="create", temporary=True)
            for table in load.tables:
                cursor.execute(
                    f"delete from {_STAGE}.{table} where {PERSON} in "
                    f"(select {PERSON} from pg_temp.touched)"
                )
                cursor.adbc_ingest(table, _rows(load, table), mode="append", db_schema_name=_STAGE)
            connection.commit()
        _snapshot(url, folder)

    def standing(self, url: str, table: str, value: str, at: datetime | None) -> Standing:
        moment = f"'{at.replace(tzinfo=None)}'" if at else "'infinity'"
        with closing(Database(url).connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"select {PERSON}, {value} from {_SCHEMA}.{table} where "
                f"dbt_valid_from <= {moment} and coalesce(dbt_valid_to, 'infinity') "
                f"{'>' if at else '>='} {moment}"
            )
            return set(cursor.fetchall())


def _rows(load: Load, table: str) -> pa.Table:
    """The rows with moments in UTC without zone, as the columns that dbt makes for them."""
    rows = load.read(table)
    place = rows.schema.get_field_index(UPDATED)
    return rows.set_column(place, UPDATED, rows[UPDATED].cast(pa.timestamp("us")))


def _snapshot(url: str, folder: Path) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "snapshot",
            *("--project-dir", str(folder), "--profiles-dir", str(folder)),
        ],
        env={**os.environ, **Database(url).dbt_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        msg = f"dbt failed:\n{done.stdout[-2000:]}"
        raise RuntimeError(msg)


def _write_project(url: str, folder: Path, tables: tuple[str, ...]) -> None:
    """A project with a snapshot of every table. JSON is YAML."""
    for name in ("snapshots", "macros", "models"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    variables = {"host": "HOST", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    output = {key: f"{{{{ env_var('VTJ_DBT_{name}', '') }}}}" for key, name in variables.items()}
    port = "{{ env_var('VTJ_DBT_PORT') | int }}"
    target = {"type": "postgres", "schema": "public", "threads": 2, "port": port, **output}
    profile = {"peer": {"target": "it", "outputs": {"it": target}}}
    sources = {
        "sources": [{"name": "stage", "schema": _STAGE, "tables": [{"name": t} for t in tables]}]
    }
    snapshots = [
        {"name": t, "relation": f"source('stage', '{t}')", "config": _CONFIG} for t in tables
    ]
    (folder / "macros" / "schema.sql").write_text(_SCHEMA_MACRO, "utf-8")
    for name, content in (
        ("dbt_project.yml", _PROJECT),
        ("profiles.yml", profile),
        ("models/sources.yml", sources),
        ("snapshots/snapshots.yml", {"snapshots": snapshots}),
    ):
        (folder / name).write_text(json.dumps(content), "utf-8")
