"""Fixtures that every test may use: databases of real servers, storage, settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from xdist.remote import Producer

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy.data_keys import parse_keys
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.folders import homes_made
from vtj_pipeline_tests.leaks import leaks_in_databases, leaks_in_homes
from vtj_pipeline_tests.servers import embedded_server, system_binaries, system_server
from vtj_pipeline_tests.sharing import TogetherScheduling, longest_first

_numbers = count(1)
TESTS = Path(__file__).parent
SLOW_TO_PREPARE = ("views",)


def pytest_configure() -> None:
    """Views are made anew by many tests, and one looks at their columns' lineage.

    Deployments with a PostgreSQL of their own need a data key, and so do their processes.
    """
    os.environ.setdefault("VTJ_COLUMN_LINEAGE", "false")
    os.environ["VTJ_DATA_KEY"] = DATA_KEY


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of a folder whose preparation takes long are slow, however short they are themselves.

    Workers have the longest first.
    """
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in SLOW_TO_PREPARE:
            item.add_marker(pytest.mark.slow)
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TogetherScheduling:
    """What is made once for a folder or a file stays in one worker."""
    return TogetherScheduling(config, log)


DATA_KEY = "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="
DATA_KEYS = parse_keys(DATA_KEY)
KEY = "only-for-tests-only-for-tests-only-for-tests"
ENGINES = ["embedded", *(["system"] if system_binaries() else [])]


@pytest.fixture(scope="session", autouse=True)
def nobody_in_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end: what the tests made the program write outside landing tells of no person."""
    yield
    assert leaks_in_homes([tmp_path_factory.getbasetemp(), *homes_made()]) == []


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, str]]:
    """PostgreSQL's address by kind of server; at the end Dagster's tables tell of no person."""
    with embedded_server() as embedded:
        if "system" not in ENGINES:
            yield {"embedded": embedded}
            assert leaks_in_databases(embedded) == []
            return
        with system_server() as system:
            yield {"embedded": embedded, "system": system}
            assert leaks_in_databases(embedded) + leaks_in_databases(system) == []


def new_database(server: str) -> Database:
    """A fresh empty database of a server."""
    return _created(server, "template1")


def copy_of(database: Database, server: str) -> Database:
    """A database of the same server that is a copy of another one, which nobody is using."""
    return _created(server, database.url.split("?")[0].rpartition("/")[2])


def _created(server: str, template: str) -> Database:
    name = f"t{next(_numbers)}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name} template {template}")
    connection.close()
    return Database(server.replace("/postgres?", f"/{name}?"))


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, servers: dict[str, str]) -> Database:
    """A fresh empty database, once on each kind of server."""
    return new_database(servers[request.param])


@pytest.fixture
def one_database(servers: dict[str, str]) -> Database:
    """A fresh empty database on the embedded server alone, for slow tests."""
    return new_database(servers["embedded"])


@pytest.fixture
def ready_database(one_database: Database) -> Database:
    """A fresh database on the embedded server with ledger and register made."""
    create_ledger(one_database)
    create_register(one_database)
    return one_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a home of their own and a fixed key."""
    return Settings(home=tmp_path / "home", person_key=KEY)


@pytest.fixture
def storage(settings: Settings) -> Storage:
    """The storage under those settings' home."""
    return Storage(settings.home, DATA_KEYS)
