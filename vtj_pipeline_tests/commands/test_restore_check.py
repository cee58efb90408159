"""`restore-check` on a small register: equal, or which tables differ by how much, or why not."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from vtj_pipeline.cli import main
from vtj_pipeline.errors import OtherPersonKey
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register, publish_pending
from vtj_pipeline.register.restore import NOT_COMPARED
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench, message, row
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, copy_of, new_database
from vtj_pipeline_tests.deploy.operating import blocks, follow
from vtj_pipeline_tests.end_to_end.homes import COMMAND, identity_codes
from vtj_pipeline_tests.servers import system_binaries
from vtj_pipeline_tests.upgrades.old import load, rows, run, unpack_landing

pytestmark = pytest.mark.slow
Check = Callable[..., tuple[int, str, str]]
SCOPE = {"vantaa_kerava": ("092", "245")}
OTHER_KEY = "another-key-another-key-another-key-another"
_DATABASES = "select datname from pg_database where datname like '%restore_check'"


@dataclass(frozen=True)
class Deployed:
    """A register that landing makes, and the environment of commands on it."""

    database: Database
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "VTJ_POSTGRES_URL": self.database.url,
            "VTJ_HOME": str(self.home),
            "VTJ_PERSON_KEY": KEY,
        }


@pytest.fixture(scope="module")
def server(servers: dict[str, str]) -> str:
    """A server with a `pg_dump` of its own version, where there is one."""
    return servers.get("system", servers["embedded"])


@pytest.fixture(scope="module")
def published(server: str, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The first issue's register, upgraded and published, and one file that is not published yet.

    Restored from a backup, as docs/operating.md tells to, where the server has the programs. Not to
    be changed.
    """
    database, home = new_database(server), tmp_path_factory.mktemp("home")
    load(database, "first issue")
    unpack_landing(home)
    create_ledger(database)
    create_register(database)
    settings, storage = Settings(home=home, person_key=KEY), Storage(home, DATA_KEYS)
    extract_events(database, storage, settings)
    publish_pending(database, storage, settings, SCOPE, run_id="test")
    Bench(database, storage, settings).land(
        [message("A", "2026-10-09T08:00:00Z", row("SUKUPUOLI", "LISATTY", sukupuoli="MIES"))]
    )
    if system_binaries() is None:
        return Deployed(database, home)
    backup = tmp_path_factory.mktemp("backup")
    (commands,) = blocks("Back up")
    follow(commands, database.url, home, backup)
    restored = Deployed(new_database(server), tmp_path_factory.mktemp("restored") / "home")
    follow(blocks("Restore")[0], restored.database.url, restored.home, backup)
    shutil.copy(home / "subscriptions.toml", restored.home)
    return restored


@pytest.fixture
def deployed(published: Deployed, server: str, tmp_path: Path) -> Deployed:
    """A copy of it that a test may damage."""
    home = tmp_path / "h"
    shutil.copytree(published.home, home)
    return Deployed(copy_of(published.database, server), home)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Check]:
    """A command on a deployment: its exit status, output and errors."""

    def called(deployed: Deployed, *arguments: str, **more: str | None) -> tuple[int, str, str]:
        for name, value in {**deployed.environment, **more}.items():
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        status = 0
        try:
            main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield called
    for number, handler in handlers.items():
        signal.signal(number, handler)


def left(deployed: Deployed) -> tuple[list[tuple[Any, ...]], list[Path]]:
    """Databases and folders that were made for a check."""
    return rows(deployed.database, _DATABASES), list((deployed.home / "tmp").glob("*"))


def test_a_register_that_landing_makes_is_equal_even_after_a_check_that_was_killed(
    published: Deployed,
) -> None:
    environment = {**os.environ, **published.environment}
    killed = [sys.executable, "-m", "vtj_pipeline_tests.commands.killed_check"]
    assert subprocess.run(killed, env=environment).returncode == -signal.SIGKILL
    databases, folders = left(published)
    assert len(databases) == 1 and len(folders) == 1
    ended = subprocess.run(
        [COMMAND, "restore-check"], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert "Equal: the register is what landing makes." in ended.stdout
    assert "11 landed files" in ended.stdout
    assert "1 files are not published yet and were left out." in ended.stdout
    assert identity_codes(ended.stdout + ended.stderr) == []
    assert left(published) == ([], [])


def judged(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """The tables that differ: rows missing, rows too many."""
    return {
        one["table"]: (one["missing"], one["extra"])
        for one in found["tables"]
        if one["missing"] or one["extra"]
    }


def test_damage_is_found_in_every_table_and_repaired(deployed: Deployed, command: Check) -> None:
    # A value, a row too few, rows too many of nobody, a flag.
    run(
        deployed.database,
        "update register.address set postal_code = '00000' where row_id in "
        "(select row_id from register.address where postal_code is not null limit 1);"
        "delete from register.name where row_id in (select row_id from register.name limit 1);"
        "insert into register.sex (row_id, person_id, recorded_from) "
        "values (gen_random_uuid(), gen_random_uuid(), now());"
        "insert into register.quarantine values (gen_random_uuid(), 1, 1, 1, 1, null, null, 'x');"
        "insert into register.unknown_seen select 'field', 'X', 'x', 1, max(publication_id) "
        "from register.publication;"
        "update register.person set is_protected = not is_protected where person_id in "
        "(select person_id from register.person limit 1)",
    )
    expected = {
        "address": (1, 1),
        "name": (1, 0),
        "person": (1, 1),
        "quarantine": (0, 1),
        "sex": (0, 1),
        "unknown_seen": (0, 1),
    }
    status, output, errors = command(deployed, "restore-check", "--json")
    found = json.loads(output)
    assert (status, found["equal"], judged(found)) == (1, False, expected)
    assert (found["files"], found["not_published"]) == (11, 1)
    (line,) = errors.splitlines()
    assert line.startswith("error: ") and "`vtj-pipeline run register --rebuild`" in line
    assert f"6 tables differ from what landing makes: {', '.join(expected)}." in line
    assert left(deployed) == ([], [])

    published = rows(deployed.database, "select count(*) from register.publication")
    assert command(deployed, "run", "register", "--rebuild")[0] == 0
    assert rows(deployed.database, "select count(*) - 1 from register.publication") == published
    status, output, errors = command(deployed, "restore-check", "--json")
    found = json.loads(output)
    assert (status, errors, found["equal"], judged(found)) == (0, "", True, {})
    assert (found["files"], found["not_published"]) == (11, 0)
    there = rows(deployed.database, "select tablename from pg_tables where schemaname = 'register'")
    compared = {one["table"]: (one["stands"], one["rebuilt"]) for one in found["tables"]}
    assert compared.keys() | set(found["not_compared"]) == {name for (name,) in there}
    assert set(found["not_compared"]) == set(NOT_COMPARED)
    for name, numbers in compared.items():
        ((number,),) = rows(deployed.database, f"select count(*) from register.{name}")
        assert numbers == (number, number), name


def test_files_that_are_missing_or_others_are_named(deployed: Deployed, command: Check) -> None:
    files = [name for (name,) in rows(deployed.database, "select file from ledger.landing_batch")]
    (deployed.home / files[0]).unlink()
    (deployed.home / files[3]).write_bytes(b"something else")
    status, output, errors = command(deployed, "restore-check", "--json")
    assert (status, output) == (1, "")
    assert f"1 are missing: {files[0]}" in errors
    assert f"1 differ from the ledger: {files[3]}" in errors
    assert files[1] not in errors
    assert left(deployed) == ([], [])


def test_another_key_is_said_and_none_is_made(deployed: Deployed, command: Check) -> None:
    status, _, errors = command(deployed, "restore-check", VTJ_PERSON_KEY=OTHER_KEY)
    assert status == 1
    assert "made with another key than VTJ_PERSON_KEY" in errors and OTHER_KEY not in errors
    status, _, errors = command(deployed, "restore-check", VTJ_PERSON_KEY=None)
    assert status == 1
    assert "and there is none: VTJ_PERSON_KEY" in errors
    assert not (deployed.home / "keys").exists()


def test_nothing_is_published_with_another_key(deployed: Deployed) -> None:
    before = rows(deployed.database, "select count(*) from register.person")
    run(deployed.database, "delete from register.applied_batch where batch_id = 3")
    other = Settings(home=deployed.home, person_key=OTHER_KEY)
    with pytest.raises(OtherPersonKey, match="made with another key than VTJ_PERSON_KEY"):
        publish_pending(
            deployed.database, Storage(deployed.home, DATA_KEYS), other, SCOPE, run_id="test"
        )
    assert rows(deployed.database, "select count(*) from register.person") == before


def test_a_register_of_other_rules_or_subscriptions_is_to_be_published_first(
    deployed: Deployed, command: Check
) -> None:
    file = deployed.home / "subscriptions.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('"092", "245"', '"092"'), "utf-8")
    status, _, errors = command(deployed, "restore-check")
    assert status == 1 and "or for other subscriptions" in errors
    file.write_text(text, "utf-8")
    run(deployed.database, "update register.publication set catalogue_fingerprint = 'earlier'")
    status, _, errors = command(deployed, "restore-check")
    assert status == 1 and "by another version of this program" in errors


def test_a_register_without_publications_is_not_equal_to_anything(
    ready_database: Database, tmp_path: Path, command: Check
) -> None:
    status, _, errors = command(Deployed(ready_database, tmp_path), "restore-check")
    assert status == 1 and "nothing has been published" in errors


def test_a_user_who_may_not_create_a_database_is_given_one(
    deployed: Deployed, server: str, command: Check
) -> None:
    name = deployed.database.url.split("?")[0].rpartition("/")[2]
    url = re.sub("//postgres:?@", "//clerk@", deployed.database.url)
    assert url != deployed.database.url
    administrator = psycopg2.connect(server)
    administrator.autocommit = True
    with administrator.cursor() as cursor:
        cursor.execute("create role clerk login")
        cursor.execute(f"alter database {name} owner to clerk")
        for schema in ("ledger", "register"):
            run(
                deployed.database,
                f"grant usage, create on schema {schema} to clerk; "
                f"grant all on all tables in schema {schema} to clerk",
            )
        try:
            clerk = Deployed(Database(url), deployed.home)
            status, _, errors = command(clerk, "restore-check")
            assert status == 1
            assert f"create database {name}_restore_check owner" in errors
            cursor.execute(f"create database {name}_restore_check owner clerk")
            scratch = Database(url.replace("?", "_restore_check?"))
            # What a process that was killed left there.
            run(scratch, "create schema register; create table register.person (n integer)")
            status, _, errors = command(clerk, "restore-check", "--json")
            assert (status, errors) == (0, "")
            schemas = "select nspname from pg_namespace where nspname in ('ledger', 'register')"
            assert rows(scratch, schemas) == []
        finally:
            cursor.execute(f"drop database if exists {name}_restore_check with (force)")
            cursor.execute(f"drop database {name} with (force)")
            cursor.execute("drop role clerk")
    administrator.close()
