"""Who is erased is looked for where Dagster's storage is, too, when that is another database."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from pydantic import SecretStr

from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import create_audit
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench, basic, day, row
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.erasure.steps import erase

pytestmark = pytest.mark.slow


def test_an_erasure_reaches_a_storage_that_is_elsewhere(
    ready_database: Database, servers: dict[str, str], settings: Settings, storage: Storage
) -> None:
    create_audit(ready_database)
    dagster = new_database(servers["embedded"])
    elsewhere = settings.model_copy(update={"dagster_url": SecretStr(dagster.url)})
    bench = Bench(ready_database, storage, elsewhere)
    home = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
    bench.land([basic(one, home) for one in ("A", "B")], kind="baseline")
    bench.publish()
    [(person_id,)] = bench.query(
        "select person_id::text from register.identity_code where identity_code like '010190%'"
    )
    with closing(psycopg2.connect(dagster.url)) as connection, connection.cursor() as cursor:
        cursor.execute("create schema dagster create table event_logs (event text)")
        cursor.execute("insert into dagster.event_logs values (%s)", (f"asked {person_id}",))
        connection.commit()
        told = erase(bench, "A").told
        assert told["texts_of_dagster"] == 1
        cursor.execute("select event from dagster.event_logs")
        assert cursor.fetchall() == [("asked erased",)]
