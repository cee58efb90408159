"""The demo on Spark and an object store ends with the tables of the plain one."""

from __future__ import annotations

from collections import Counter

import pytest

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline_tests.end_to_end.homes import Home
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.objects.store import BUCKET, running_store

SMALL = ("demo", "--persons", "150", "--days", "2")
COMPARED = [f"register.{one}" for one in (*TABLES, "person", "scope_member", "refresh_request")]
# And a view that is made of several of them.
COMPARED.append("municipality.resident")


def tables(home: Home) -> dict[str, Counter[str]]:
    with home.served():
        return {
            name: Counter(text for (text,) in home.rows(f"select t::text from {name} as t"))
            for name in COMPARED
        }


@pytest.mark.slow
def test_a_demo_on_spark_and_an_object_store_ends_with_the_same_tables() -> None:
    plain = Home(new_home())
    plain.run(*SMALL)
    with running_store() as store:
        far = {"VTJ_DATA_URL": f"s3://{BUCKET}/demo", **store.environment}
        spark = {"VTJ_FOLD_ENGINE": "spark", "VTJ_SPARK_MASTER": "local[2]"}
        other = Home(new_home(), {**far, **spark})
        other.run(*SMALL)
        assert other.processes_after(30) == []
        found = tables(other)
    assert found == tables(plain)
    assert sum(found["register.person"].values()) > 100
