"""Fixtures of the fold on Spark: one session of two cores, which all tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database
from vtj_pipeline_tests.spark.both import Both

# Without the extra there is nothing to test.
collect_ignore_glob = [] if find_spec("pyspark") else ["test_*.py"]


@pytest.fixture(scope="session")
def spark_master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A master whose session stays open: to start Java takes longer than most folds."""
    from vtj_pipeline.register.spark import spark_session

    master = "local[2]"
    home = tmp_path_factory.mktemp("session")
    with spark_session(Settings(home=home, spark_master=master)):
        yield master


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A bench that DuckDB publishes from."""
    return Bench(ready_database, storage, settings)


@pytest.fixture
def both(servers: dict[str, str], spark_master: str, tmp_path: Path) -> Both:
    """Two registers that are to be the same, one folded here and one by Spark."""
    benches = []
    for engine in ("duckdb", "spark"):
        home = tmp_path / engine
        database = new_database(servers["embedded"])
        create_ledger(database)
        create_register(database)
        settings = Settings(
            home=home, person_key=KEY, fold_engine=engine, spark_master=spark_master
        )
        benches.append(Bench(database, Storage(home, DATA_KEYS), settings))
    return Both(*benches)
