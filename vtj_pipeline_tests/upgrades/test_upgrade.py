"""A database of an earlier version becomes what a fresh one is, and keeps every row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg2
import pytest

from vtj_pipeline.errors import DatabaseTooNew
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.landing.ledger import ledger_schema
from vtj_pipeline.postgres import Database, VersionedSchema, upgrade
from vtj_pipeline.postgres.versions import Migration
from vtj_pipeline.register import create_register
from vtj_pipeline_tests.conftest import copy_of, new_database
from vtj_pipeline_tests.properties.crashes import Crash, FragileDatabase, Steps
from vtj_pipeline_tests.upgrades.old import DUMPS, load, rows, run, shape, stored

pytestmark = pytest.mark.slow

SCHEMAS = {
    "ledger": ("vtj_pipeline.landing", create_ledger),
    "register": ("vtj_pipeline.register", create_register),
}
# What columns say of rows that were there before them: nothing was counted, nothing withheld.
ADDED = {
    "register.publication": {"anomalies": {}},
    "register.citizenship": {"withheld": False},
    "register.language": {"withheld": False},
}
LEDGER = ledger_schema().newest
_dumps = pytest.mark.parametrize("dump", DUMPS)


def newest(schema: str) -> int:
    package, _ = SCHEMAS[schema]
    return VersionedSchema(schema, package, "").newest


def create(database: Database) -> None:
    create_ledger(database)
    create_register(database)


@_dumps
def test_it_has_the_tables_of_a_fresh_one(
    database: Database, servers: dict[str, str], dump: str
) -> None:
    fresh = new_database(servers["embedded"])
    create(fresh)
    load(database, dump)
    assert shape(database) != shape(fresh)
    create(database)
    assert shape(database) == shape(fresh)


def test_every_row_stands_as_it_stood(one_database: Database) -> None:
    load(one_database, "first issue")
    before = stored(one_database)
    assert all(before[f"ledger.{name}"] for name in ("landing_batch", "call", "baseline_round"))
    create(one_database)
    after = stored(one_database)
    for name, standing in before.items():
        assert after[name] == [row | ADDED.get(name, {}) for row in standing], name


def test_what_is_at_this_version_is_left_alone(one_database: Database) -> None:
    load(one_database, "first issue")
    create(one_database)
    steps = Steps()
    create(FragileDatabase(one_database.url, steps=steps))
    looked = steps.taken
    places = "select ctid::text, xmin::text, version from register.schema_version"
    before = rows(one_database, places)
    reader = one_database.connect()
    with reader.cursor() as cursor:
        # Whoever reads is not waited for: nothing is to be done.
        cursor.execute("select count(*) from register.address, ledger.call")
        create(one_database)
    reader.close()
    assert rows(one_database, places) == before
    assert looked < 30


@pytest.mark.parametrize("dump", [None, *DUMPS])
def test_processes_that_start_together_make_one_upgrade(
    one_database: Database, dump: str | None
) -> None:
    if dump:
        load(one_database, dump)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(create, one_database) for _ in range(6)]:
            done.result()
    for schema in SCHEMAS:
        # A fresh one is made as it is now; an earlier one comes through every version, once.
        through = range(1, newest(schema) + 1) if dump else [newest(schema)]
        found = rows(one_database, f"select version from {schema}.schema_version order by 1")
        assert found == [(version,) for version in through]


def test_a_crash_at_any_step_leaves_what_the_next_one_finishes(
    one_database: Database, servers: dict[str, str]
) -> None:
    load(one_database, "last without numbers")
    counted = Steps()
    undisturbed = copy_of(one_database, servers["embedded"])
    create(FragileDatabase(undisturbed.url, steps=counted))
    whole = shape(undisturbed)
    for last in range(1, counted.taken + 1, 3):
        database = copy_of(one_database, servers["embedded"])
        with pytest.raises(Crash):
            create(FragileDatabase(database.url, steps=Steps(last)))
        create(database)
        assert shape(database) == whole, last


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    one_database: Database, schema: str
) -> None:
    create(one_database)
    run(
        one_database,
        f"insert into {schema}.schema_version (version, name, program) values (99, 'x', '7.5.0')",
    )
    before = shape(one_database)
    _, made = SCHEMAS[schema]
    with pytest.raises(DatabaseTooNew) as refused:
        made(one_database)
    ours = f"version {newest(schema)}"
    for said in ("version 99", f"schema {schema}", "7.5.0", ours, "restore the backup"):
        assert said in str(refused.value)
    assert shape(one_database) == before


def later(schema: VersionedSchema, *statements: str) -> VersionedSchema:
    """The schema with more versions after its newest."""
    more = tuple(
        Migration(schema.newest + at, f"more {at}", text)
        for at, text in enumerate(statements, start=1)
    )
    made = replace(schema)
    made.__dict__["migrations"] = (*schema.migrations, *more)
    return made


def test_versions_are_taken_one_after_the_other_and_each_once(one_database: Database) -> None:
    load(one_database, "first issue")
    known = ledger_schema()
    twice = later(
        known,
        "create table ledger.more (n integer); insert into ledger.more values (2)",
        "insert into ledger.more values (3)",
    )
    done = upgrade(one_database, twice)
    assert (done.before, done.now) == (0, LEDGER + 2)
    assert upgrade(one_database, twice).before == LEDGER + 2
    assert rows(one_database, "select n from ledger.more order by n") == [(2,), (3,)]
    known = [(one.version, one.name) for one in ledger_schema().migrations]
    assert rows(one_database, "select version, name from ledger.schema_version order by 1") == [
        *known,
        (LEDGER + 1, "more 1"),
        (LEDGER + 2, "more 2"),
    ]


def test_a_version_that_fails_is_undone_whole_and_those_before_it_stand(
    one_database: Database,
) -> None:
    create_ledger(one_database)
    broken = later(
        ledger_schema(),
        "create table ledger.more (n integer)",
        "insert into ledger.more values (1); select 1 / 0",
    )
    with pytest.raises(psycopg2.errors.DivisionByZero):
        upgrade(one_database, broken)
    assert rows(one_database, "select n from ledger.more") == []
    assert rows(one_database, "select max(version) from ledger.schema_version") == [(LEDGER + 1,)]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_versions_count_up_from_one(schema: str) -> None:
    package, _ = SCHEMAS[schema]
    found = VersionedSchema(schema, package, "").migrations
    assert [one.version for one in found] == list(range(1, len(found) + 1))
    assert all(one.name and one.statements for one in found)


def test_whoever_reads_is_waited_for(one_database: Database) -> None:
    load(one_database, "first issue")
    holding = one_database.connect()
    cursor = holding.cursor()
    cursor.execute("select count(*) from ledger.call")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(create_ledger, one_database)
        while rows(one_database, "select 1 from pg_locks where not granted") == []:
            assert not done.done()
        assert not done.done()
        holding.rollback()
        assert done.result().now == LEDGER
    holding.close()
