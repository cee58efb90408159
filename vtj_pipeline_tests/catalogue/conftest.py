"""Fixtures of the catalogue's tests."""

from __future__ import annotations

import pytest

from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A bench on the embedded server."""
    return Bench(ready_database, storage, settings)
