"""Fixtures of the tests of old files: two registers to hold against each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database

MakeBench = Callable[[], Bench]


@pytest.fixture
def make_bench(servers: dict[str, str], tmp_path: Path) -> MakeBench:
    """Makes benches on the embedded server, each with a database and a storage of its own."""

    def make() -> Bench:
        database = new_database(servers["embedded"])
        create_ledger(database)
        create_register(database)
        settings = Settings(home=tmp_path / database.url[-12:-3].replace("/", "_"), person_key=KEY)
        return Bench(database, Storage(settings.home, DATA_KEYS), settings)

    return make
