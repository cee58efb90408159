"""Fixtures of the register's tests."""

from __future__ import annotations

import pytest

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A bench on the embedded server."""
    return Bench(ready_database, storage, settings)


@pytest.fixture
def any_bench(database: Database, storage: Storage, settings: Settings) -> Bench:
    """A bench, once on each kind of server."""
    create_ledger(database)
    create_register(database)
    return Bench(database, storage, settings)
