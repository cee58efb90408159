"""One world for all properties: a database with ledger and register, emptied for each example."""

from __future__ import annotations

import pytest

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.properties.world import World


@pytest.fixture(scope="session")
def world(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world on the embedded server."""
    database = new_database(servers["embedded"])
    create_ledger(database)
    create_register(database)
    return World(database, tmp_path_factory.mktemp("properties") / "home")
