"""Only rows of attempts that succeeded count, and what a killed run left is dropped."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.postgres import Database
from vtj_pipeline.register.spark.staging import TOUCHED, drop_left_staging, staging
from vtj_pipeline_tests.builders import Bench, basic, row

ALIASES = [UUID(int=one).bytes for one in (1, 2)]


def schemas(bench: Bench) -> list[str]:
    return [
        name
        for (name,) in bench.query("select nspname from pg_namespace where nspname ~ '^staging'")
    ]


def test_what_a_task_left_that_was_done_again_does_not_count(ready_database: Database) -> None:
    rows = pa.table({"alias_id": pa.array(ALIASES, pa.binary(16))})
    rows = rows.append_column("person_id", rows["alias_id"])
    with staging(ready_database, CATALOGUE) as place, closing(ready_database.adbc()) as connection:
        with connection.cursor() as cursor:
            place.put(cursor, "person_alias", 1, rows.slice(0, 1))
            place.put(cursor, "person_alias", 2, rows)
        connection.commit()
        with connection.cursor() as cursor:
            cursor.execute(f"select * from {place.rows('person_alias', [2]).relation} as s")
            assert cursor.fetch_arrow_table().num_rows == 2
            cursor.execute(f"select * from {place.rows('person_alias', []).relation} as s")
            assert cursor.fetch_arrow_table().num_rows == 0


def test_what_a_killed_run_left_is_dropped_by_the_next_one(
    ready_database: Database, bench: Bench
) -> None:
    bench.query(
        f"create schema staging_spark_left; create table staging_spark_left.{TOUCHED} (); select 1"
    )
    assert schemas(bench) == ["staging_spark_left"]
    bench.land([basic("A", row("SUKUPUOLI", sukupuoli="MIES"))], kind="baseline")
    bench.publish()
    assert schemas(bench) == []
    drop_left_staging(ready_database)
