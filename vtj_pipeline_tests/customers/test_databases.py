"""Customer × customer: with one's credentials nothing of another's is reached in PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from vtj_pipeline.errors import DatabaseRefused, SettingsError
from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.customers.place import (
    NAMES,
    READERS_PASSWORD,
    Place,
    as_login,
    running_place,
)

pytestmark = pytest.mark.slow
PREFIX = "vtj_customer_"
_DATABASES = "select datname from pg_database where datallowconn and datname like 'vtj%%'"


def logins(place: Place) -> dict[str, tuple[str, str]]:
    """Every login of every customer: whose it is, and its password."""
    found = {PREFIX + name: (name, urlsplit(place.url(name)).password or "") for name in NAMES}
    for name in NAMES:
        for role in ("analyst", "operator"):
            found[f"{role}_of_{name}"] = (name, READERS_PASSWORD)
    return found


def comes_in(place: Place, login: str, password: str, database: str) -> bool:
    try:
        psycopg2.connect(as_login(place.admin.url, login, password, database)).close()
    except psycopg2.OperationalError:
        return False
    return True


def answer(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True  # databases are made and dropped outside transactions
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def test_every_login_comes_into_its_own_customer_s_database_alone(place: Place) -> None:
    databases = [str(name) for (name,) in answer(place.admin.url, _DATABASES)]
    assert len(databases) == 2 * len(NAMES) + 1
    reached = {
        (login, database)
        for login, (_, password) in logins(place).items()
        for database in databases
        if comes_in(place, login, password, database)
    }
    own = {(login, PREFIX + name) for login, (name, _) in logins(place).items()}
    program = {(PREFIX + name, f"{PREFIX}{name}_restore_check") for name in NAMES}
    assert reached == own | program


def test_a_login_is_no_use_with_another_customer_s_password(place: Place) -> None:
    found = logins(place)
    for name, other in pairwise(NAMES):
        login = PREFIX + name
        assert comes_in(place, login, found[login][1], login)
        assert not comes_in(place, login, found[PREFIX + other][1], login)


def test_dagster_s_storage_is_of_no_customer_s_login(place: Place) -> None:
    """And Dagster's own login is of no use in any customer's database."""
    for login, (_, password) in logins(place).items():
        assert not comes_in(place, login, password, "vtj_dagster"), login
    url = (place.folder / "dagster.url").read_text("utf-8")
    password = urlsplit(url).password or ""
    assert comes_in(place, "vtj_dagster", password, "vtj_dagster")
    for name in NAMES:
        assert not comes_in(place, "vtj_dagster", password, PREFIX + name)


@pytest.mark.parametrize(
    "statement",
    [
        "grant connect on database {other} to {own}",
        "set role {other}",
        "grant {other} to {own}",
        "alter role {other} password 'mine'",
        "alter role {own} createrole",
        "alter role {own} superuser",
        "drop database {other}",
        "alter database {other} owner to {own}",
        "create database mine",
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'true'",
    ],
)
def test_a_customer_s_program_cannot_let_itself_in(place: Place, statement: str) -> None:
    own, other = (PREFIX + name for name in NAMES[:2])
    with pytest.raises(psycopg2.Error) as raised:
        answer(place.url(NAMES[0]), statement.format(own=own, other=other))
    assert raised.value.pgcode == "42501"


def test_what_others_ask_at_the_moment_is_not_shown(place: Place) -> None:
    with closing(psycopg2.connect(place.url(NAMES[1]))) as other, other.cursor() as cursor:
        cursor.execute("select 'secret of the other'")
        shown = answer(place.url(NAMES[0]), "select coalesce(query, '') from pg_stat_activity")
        assert not any("secret of the other" in str(query) for (query,) in shown if
                       "pg_stat_activity" not in str(query))  # fmt: skip


def test_a_customer_s_roles_are_its_own_to_give_and_to_take(place: Place) -> None:
    """Groups are the server's; who holds them is each database's, and stays so."""
    reader = f"analyst_of_{NAMES[1]}"
    with (
        closing(psycopg2.connect(place.url(NAMES[0]))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"revoke vtj_analyst from {reader}")
        connection.commit()
    held = "select pg_has_role(%s, 'vtj_analyst', 'member')".replace("%s", f"'{reader}'")
    assert answer(place.admin.url, held) == [(True,)]
    grants = answer(place.url(NAMES[1]), "select login from audit.role_grant")
    assert {login for (login,) in grants} == {f"{role}_of_{NAMES[1]}" for role in
                                              ("analyst", "operator")}  # fmt: skip


def test_adding_again_changes_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    files = {one: one.read_bytes() for one in sorted(place.folder.rglob("*")) if one.is_file()}
    capsys.readouterr()
    place.add(NAMES[0])
    told = capsys.readouterr()
    assert "made:" not in told.out + told.err
    assert "was there already" in told.out + told.err
    assert {one: one.read_bytes() for one in files} == files
    secrets = [urlsplit(place.url(name)).password or "?" for name in NAMES]
    assert not [one for one in secrets if one in told.out + told.err]


def test_a_login_whose_address_is_lost_is_told_and_not_replaced(
    place: Place, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"vtj_dagster.*Restore that file"):
        place.do("customers", "add", "new", VTJ_ADMIN_URL=place.admin.url,
                 VTJ_CUSTOMERS=str(tmp_path / "lost"))  # fmt: skip


def test_who_may_not_make_databases_is_told(place: Place) -> None:
    with pytest.raises(DatabaseRefused, match="createdb createrole"):
        place.do("customers", "add", "salo", VTJ_ADMIN_URL=place.url(NAMES[0]))
    assert answer(place.admin.url, "select 1 from pg_roles where rolname like '%salo'") == []


def test_an_administrator_who_is_no_superuser_is_enough() -> None:
    with running_place() as place:
        answer(place.admin.url, "create role maker login createdb createrole password 'p'")
        maker = Database(as_login(place.admin.url, "maker", "p", "postgres"))
        for name in NAMES[:2]:
            Place(place.home, maker).add(name)
            assert answer(place.url(name), "select count(*) from register.person") == [(0,)]
        first, second = (urlsplit(place.url(name)).password or "" for name in NAMES[:2])
        assert not comes_in(place, PREFIX + NAMES[0], first, PREFIX + NAMES[1])
        assert not comes_in(place, PREFIX + NAMES[1], second, PREFIX + NAMES[0])


def test_the_status_of_one_that_is_in_trouble_keeps_nobody_s_back(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    url = place.folder / NAMES[0] / "postgres.url"
    before = url.read_text("utf-8")
    try:
        url.write_text(as_login(before, "nobody", "wrong", "nothing"), "utf-8")
        place.do("customers", "status")
    finally:
        url.write_text(before, "utf-8")
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told] == list(NAMES)
    assert "did not let us in" in told[0] and "wrong" not in told[0]
    assert "never; no products are named" in told[1]


def test_one_whose_settings_others_can_read_is_left_out_and_told(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.folder / f"{NAMES[1]}.env"
    file.chmod(0o644)
    try:
        for command in ("list", "status"):
            place.do("customers", command)
            told = capsys.readouterr().out.splitlines()
            assert sorted(line.split(":")[0] for line in told) == list(NAMES)
            assert len([line for line in told if "chmod 600" in line]) == 1
        place.add(NAMES[0])
        workspace = (place.home / "dagster" / "workspace.yaml").read_text("utf-8")
        assert NAMES[0] in workspace and NAMES[1] not in workspace
    finally:
        file.chmod(0o600)
