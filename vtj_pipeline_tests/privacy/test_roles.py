"""Roles as they are planned, applied, given and taken back.

What is read by them: `vtj_pipeline_tests/views/test_roles_….py`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from vtj_pipeline.cli import main
from vtj_pipeline.commands.roles_matrix import run_matrix
from vtj_pipeline.errors import DatabaseRefused, DatabaseUnavailable, PermanentError, RoleRefused
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy.roles import (
    ROLES,
    Wanted,
    apply_roles,
    give_role,
    keep_rights,
    list_grants,
    plan_roles,
    take_role,
)
from vtj_pipeline.register import create_register
from vtj_pipeline_tests.conftest import ENGINES, new_database
from vtj_pipeline_tests.pins import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
SOON = date(2126, 6, 20)
DRIFT = (
    "grant select on register.person to vtj_caseworker",
    "grant select (street_fi) on register.address to public",
    "grant usage on schema register to public",
    "grant insert on ledger.call to vtj_operator",
    "revoke select on ledger.call from vtj_operator",
    "alter role vtj_analyst login createdb",
    "alter table register.person disable row level security",
    "create policy mine on register.person using (true)",
    "drop policy owner on register.address",
)


@pytest.fixture
def kept(database: Database) -> Database:
    """A database with the program's tables and roles."""
    return prepared(database)


@pytest.fixture(scope="module", params=ENGINES)
def lasting(request: pytest.FixtureRequest, servers: dict[str, str]) -> Database:
    """The same, for tests that leave it as it was."""
    return prepared(new_database(servers[request.param]))


def prepared(database: Database) -> Database:
    create_ledger(database)
    create_register(database)
    apply_roles(database)
    return database


def ask(database: Database, query: str) -> list[tuple[Any, ...]]:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def name_of(database: Database) -> str:
    return database.url.split("?")[0].rpartition("/")[2]


def login(database: Database, what: str, attributes: str = "") -> str:
    """A login of the cluster that no other test has."""
    name = f"{what}_{name_of(database)}"
    ask(database, f"create role {name} login {attributes}")
    return name


def as_login(database: Database, name: str) -> Database:
    head, _, rest = database.url.partition("@")
    return Database(f"{head.partition('//')[0]}//{name}@{rest}")


def give(database: Database, name: str, role: str = "operator", *codes: str) -> bool:
    return give_role(database, Wanted(name, role, codes), by="test", now=NOW)


def test_what_was_applied_leaves_nothing_to_do(kept: Database) -> None:
    assert plan_roles(kept) == []
    assert apply_roles(kept) == []
    assert keep_rights(kept) == 0
    groups = ask(kept, "select rolname::text from pg_roles where rolname ~ '^vtj_'")
    assert {row[0] for row in groups} >= {role.group for role in ROLES}
    assert not ask(kept, "select 1 from pg_roles where rolname ~ '^vtj_' and rolcanlogin")


@pytest.mark.parametrize("statement", DRIFT)
def test_what_somebody_changed_by_hand_is_brought_back(lasting: Database, statement: str) -> None:
    ask(lasting, statement)
    assert len(plan_roles(lasting)) in (1, 2)
    apply_roles(lasting)
    assert plan_roles(lasting) == []


def test_databases_of_one_cluster_are_brought_to_it_at_once(servers: dict[str, str]) -> None:
    databases = [new_database(servers["embedded"]) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(prepared, databases))
    assert [plan_roles(one) for one in databases] == [[]] * len(databases)


def test_a_role_of_one_database_is_none_in_another(kept: Database) -> None:
    other = prepared(new_database(kept.beside("postgres").url))
    name = login(kept, "operates")
    give(kept, name)
    query = "select count(*) > 0 from ledger.schema_version"
    assert ask(as_login(kept, name), query) == [(True,)]
    with pytest.raises(DatabaseUnavailable):
        as_login(other, name).connect()
    # Whoever is let in has the group's rights there, and sees no row by them.
    ask(other, f"grant connect on database {name_of(other)} to {name}")
    assert ask(as_login(other, name), query) == [(False,)]

    give(other, name)
    assert take_role(kept, name, "operator", by="test") == 1
    assert ask(as_login(other, name), query) == [(True,)], "what another database gave stays"
    with pytest.raises(DatabaseUnavailable):
        as_login(kept, name).connect()
    take_role(other, name, "operator", by="test")
    assert not ask(other, f"select 1 from pg_auth_members where member = '{name}'::regrole")


def test_a_grant_is_made_once_and_stays_on_record(kept: Database) -> None:
    name = login(kept, "anna")
    assert give(kept, name, "caseworker", "091", "049")
    assert not give(kept, name, "caseworker", "049", "091")
    assert give(kept, name, "caseworker", "837")
    assert take_role(kept, name, "caseworker", by="chief") == 2
    assert take_role(kept, name, "caseworker", by="chief") == 0
    found = list_grants(kept)
    assert [(one.municipalities, one.in_force) for one in found] == [
        (("049", "091"), False),
        (("837",), False),
    ]
    assert {one.revoked_by for one in found} == {"chief"}
    assert plan_roles(kept) == []


def test_the_last_day_is_whole_in_finland(kept: Database) -> None:
    name = login(kept, "anna")
    wanted = Wanted(name, "protected", ("091",), date(2126, 6, 20), "case 1")
    assert give_role(kept, wanted, by="test", now=NOW)
    [grant] = list_grants(kept)
    assert grant.ends_at == datetime(2126, 6, 20, 21, tzinfo=UTC)
    last = Wanted(name, "protected", ("091",), date(2026, 6, 14), "case 1")
    with pytest.raises(RoleRefused, match="has passed"):
        give_role(kept, last, by="test", now=datetime(2026, 6, 14, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("x", "caseworker"), "none given is none seen"),
        (Wanted("x", "analyst"), "none given is none seen"),
        (Wanted("x", "caseworker", ("all", "091")), "alone"),
        (Wanted("x", "caseworker", ("91",)), "three digits"),
        (Wanted("x", "caseworker", ("091,049",)), "three digits"),
        (Wanted("x", "operator", ("091",)), "leave municipalities out"),
        (Wanted("x", "protected", ("091",), None, "case"), "until which day"),
        (Wanted("x", "protected", ("091",), SOON, " "), "for what"),
        (Wanted("x", "caseworker", ("091",), date(2026, 6, 14)), "has passed"),
        (Wanted("x", "owner"), "there are caseworker"),
        (Wanted("nobody at all", "operator"), "no such login"),
        (Wanted("vtj_analyst", "operator"), "nobody logs in"),
        (Wanted("postgres", "operator"), "sees every row"),
    ],
    ids=str,
)
def test_what_is_not_whole_or_gives_nothing_is_refused(
    lasting: Database, wanted: Wanted, said: str
) -> None:
    with pytest.raises(RoleRefused, match=said):
        give_role(lasting, wanted, by="test", now=NOW)
    assert list_grants(lasting) == []


def test_a_program_that_may_not_make_roles_says_what_its_administrator_does(
    database: Database,
) -> None:
    """And then does the rest by itself."""
    name = login(database, "program")
    ask(database, f"grant create, connect on database {name_of(database)} to {name}")
    ask(database, f"alter database {name_of(database)} owner to {name}")
    program = as_login(database, name)
    create_ledger(program)
    create_register(program)
    lacks = not ask(database, "select 1 from pg_roles where rolname = 'vtj_owner'")
    if lacks:
        with pytest.raises(DatabaseRefused, match="roles plan --sql"):
            apply_roles(program)
    planned = plan_roles(program, by_administrator=True)
    ask(database, ";".join(one.statement for one in planned))
    assert plan_roles(program) == []
    reader = login(database, "anna")
    assert give(program, reader, "auditor")
    assert ask(as_login(database, reader), "select count(*) from audit.role_grant") == [(1,)]
    assert take_role(program, reader, "auditor", by="test") == 1
    assert plan_roles(program) == []


def test_rows_of_the_register_are_the_owners_alone(kept: Database) -> None:
    """Whatever rights an administrator gives by hand."""
    name = login(kept, "stranger")
    for statement in (
        f"grant connect on database {name_of(kept)} to {name}",
        f"grant usage on schema register to {name}",
        f"grant select, insert, delete on all tables in schema register to {name}",
        "insert into register.scope_municipality values ('s', '091')",
    ):
        ask(kept, statement)
    stranger = as_login(kept, name)
    assert ask(stranger, "select * from register.scope_municipality") == []
    assert ask(stranger, "delete from register.scope_municipality returning 1") == []
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(stranger, "insert into register.scope_municipality values ('s', '049')")
    assert ask(kept, "select count(*) from register.scope_municipality") == [(1,)]
    # An owner by the group reads and writes.
    ask(kept, f"grant vtj_owner to {name}")
    assert ask(stranger, "delete from register.scope_municipality returning 1") == [(1,)]
    ask(kept, f"revoke vtj_owner from {name}; drop owned by {name}")


def test_the_page_has_the_matrix_as_it_is(tmp_path: Path) -> None:
    """Where it fails: `roles matrix` prints what belongs between the page's two lines."""
    page = ROOT / "DATA-PROTECTION.md"
    run_matrix(page)
    changed = tmp_path / "page.md"
    changed.write_text(page.read_text("utf-8").replace("| all rows |", "| – |", 1), "utf-8")
    with pytest.raises(PermanentError, match="has not got the matrix"):
        run_matrix(changed)


@pytest.fixture
def environment(kept: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in [one for one in os.environ if one.startswith("VTJ_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("VTJ_POSTGRES_URL", kept.url)
    monkeypatch.setenv("VTJ_HOME", str(tmp_path / "home"))


def test_a_grant_by_the_command_line(
    kept: Database, environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    name = login(kept, "anna")
    until = (datetime.now(UTC) + timedelta(days=9)).date()
    ended = [0]

    def run(*arguments: str) -> str:
        ended[0] = 0
        try:
            main(["roles", *arguments])
        except SystemExit as left:
            ended[0] = int(left.code or 0)
        said = capsys.readouterr()
        return said.out + said.err

    assert "nothing to change" in run("apply")
    given = ("grant", name, "--role", "protected", "--municipality", "091")
    assert "say until which day" in run(*given)
    assert ended == [1]
    whole = (*given, "--municipality", "049", "--until", str(until), "--reason", "case 7")
    assert run(*whole).strip() == f"{name} holds: protected in 049, 091."
    assert f"{name}: protected in 049, 091, until {until}, given" in run("list")
    assert "for: case 7" in run("list")
    assert "1 grants of protected" in run("revoke", name, "--role", "protected")
    assert "Nobody holds a role." in run("list")
    assert "taken back" in run("list", "--all")
    ask(kept, "revoke usage on schema ledger from vtj_operator")
    assert "say --yes" in run("apply")
    assert "grant usage on ledger to vtj_operator" in run("plan")
    assert "begin;\ngrant usage on schema ledger to" in run("plan", "--sql")
    assert "1 statements done" in run("apply", "--yes")
    assert ended == [0]
