"""dlt with its merge strategy `scd2`.

Chosen, after dlt's documentation: Arrow tables with a row hash of their own
(`row_version_column_name`), which it reads faster than dictionaries; `merge_key` by person, so that
a day's load holds only whom the day touched, and retires what is not told of them any more;
`boundary_timestamp`, the source's moment instead of the load's; files of Parquet, which ADBC loads
by COPY; indexes by person and by row hash, made after the first load; two workers.
"""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from psycopg2.extensions import parse_dsn

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.benchmarks.peers.peer import Standing
from vtj_pipeline_tests.benchmarks.peers.rows import HASH, PERSON, Load

_SCHEMA = "peer_dlt"
_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "2",
}
_FORMAT: Any = "parquet"


class DltScd2:
    """A pipeline with a resource for each table."""

    name = "dlt scd2"
    configured = "Arrow, own row hash, merge_key by person, boundary_timestamp, Parquet by ADBC"
    keeps_history = True

    def begin(self, url: str, folder: Path, load: Load) -> None:
        with closing(Database(url).connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {_SCHEMA} cascade")
            cursor.execute(f"drop schema if exists {_SCHEMA}_staging cascade")
            connection.commit()
            _run(url, folder, load)
            for table in _filled(load):
                for column in (PERSON, HASH):
                    cursor.execute(f"create index on {_SCHEMA}.{table} ({column})")
                cursor.execute(f"analyze {_SCHEMA}.{table}")
            connection.commit()

    def go_on(self, url: str, folder: Path, load: Load) -> None:
        _run(url, folder, load)

    def standing(self, url: str, table: str, value: str, at: datetime | None) -> Standing:
        moment = f"'{at}'" if at else "'infinity'"
        with closing(Database(url).connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"select {PERSON}, {value} from {_SCHEMA}.{table} where "
                f"_dlt_valid_from <= {moment} and coalesce(_dlt_valid_to, 'infinity') "
                f"{'>' if at else '>='} {moment}"
            )
            return set(cursor.fetchall())


def _run(url: str, folder: Path, load: Load) -> None:
    os.environ |= _SETTINGS
    # In the group `benchmarks` alone.
    import dlt

    strategy: Any = {
        "disposition": "merge",
        "strategy": "scd2",
        "row_version_column_name": HASH,
        "boundary_timestamp": load.at.isoformat(),
    }
    resources = [
        dlt.resource(load.read(table), name=table, write_disposition=strategy, merge_key=PERSON)
        for table in _filled(load)
    ]
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=str(folder),
        destination=dlt.destinations.postgres(_address(url)),
        dataset_name=_SCHEMA,
    )
    pipeline.run(resources, loader_file_format=_FORMAT).raise_on_failed_jobs()


def _filled(load: Load) -> list[str]:
    """The tables with rows: a file of Parquet without any is one that it cannot load by ADBC."""
    return [table for table in load.tables if load.read(table).num_rows]


def _address(url: str) -> str:
    """The address as dlt reads it, which wants a host and a password where libpq needs none."""
    parts = parse_dsn(url)
    host, port = unquote(parts.get("host", "localhost")), parts.get("port", "5432")
    login = f"{quote(parts.get('user', 'postgres'))}:{quote(parts.get('password', '') or 'none')}"
    # A socket's folder stands behind, where it comes before the host.
    socket = f"?host={quote(host, safe='')}" if host.startswith("/") else ""
    place = "localhost" if socket else host
    return f"postgresql://{login}@{place}:{port}/{parts['dbname']}{socket}"
