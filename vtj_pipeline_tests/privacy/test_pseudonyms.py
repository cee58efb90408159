"""Analysts' pseudonyms: one for everybody who is in the register, and only of the present key."""

from __future__ import annotations

import hashlib
import logging
import stat
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.errors import DatabaseUnavailable
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import (
    AnalystKey,
    PersonKey,
    Pseudonyms,
    analyst_key,
    keep_pseudonyms,
    person_key,
)
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import KEY

OTHER = "another-key-another-key-another-key"
PERSONS = (
    "insert into register.person (person_id, identity_code, is_alive, is_protected, "
    "first_recorded, last_recorded) select md5(n::text)::uuid, 'code ' || n, true, false, now(), "
    "now() from generate_series(%s, %s) as n"
)


def do(database: Database, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def kept(database: Database) -> dict[str, str]:
    query = "select person_id::text, pseudonym::text from timeline.pseudonym"
    return {str(person): str(pseudonym) for person, pseudonym in do(database, query)}


def with_key(tmp_path: Path, key: str | None = KEY) -> Settings:
    return Settings(home=tmp_path / "home", person_key=KEY, analyst_key=key)


def test_everybody_has_one_that_stays(ready_database: Database, tmp_path: Path) -> None:
    settings = with_key(tmp_path)
    assert keep_pseudonyms(ready_database, settings) == Pseudonyms()
    do(ready_database, PERSONS, 1, 300)
    assert keep_pseudonyms(ready_database, settings) == Pseudonyms(added=300)
    first = kept(ready_database)
    assert len(first) == len(set(first.values())) == 300
    assert not set(first) & set(first.values())
    assert keep_pseudonyms(ready_database, settings) == Pseudonyms()
    do(ready_database, PERSONS, 301, 310)
    do(ready_database, "delete from register.person where identity_code <= 'code 10'")
    assert keep_pseudonyms(ready_database, settings) == Pseudonyms(added=10, removed=2)
    second = kept(ready_database)
    gone = {str(uuid.UUID(hex=hashlib.md5(n).hexdigest())) for n in (b"1", b"10")}
    assert set(first) - set(second) == gone
    assert {k: v for k, v in second.items() if k in first}.items() <= first.items()


def test_another_key_makes_all_anew(ready_database: Database, tmp_path: Path) -> None:
    do(ready_database, PERSONS, 1, 20)
    keep_pseudonyms(ready_database, with_key(tmp_path))
    first = kept(ready_database)
    do(ready_database, PERSONS, 21, 25)
    do(ready_database, "delete from register.person where identity_code = 'code 7'")
    done = keep_pseudonyms(ready_database, with_key(tmp_path, OTHER))
    assert done == Pseudonyms(added=5, removed=1, remade=19)
    second = kept(ready_database)
    assert len(second) == 24 and not set(first.values()) & set(second.values())
    assert keep_pseudonyms(ready_database, with_key(tmp_path)) == Pseudonyms(remade=24)
    assert first.items() >= {k: v for k, v in kept(ready_database).items() if k in first}.items()


def test_the_table_holds_what_the_key_makes(ready_database: Database, tmp_path: Path) -> None:
    do(ready_database, PERSONS, 1, 1)
    settings = with_key(tmp_path)
    keep_pseudonyms(ready_database, settings)
    key = analyst_key(settings)
    ((person, pseudonym),) = kept(ready_database).items()
    assert uuid.UUID(pseudonym).bytes == key.pseudonym_of(uuid.UUID(person).bytes)
    ((fingerprint,),) = do(ready_database, "select key_fingerprint from timeline.pseudonym")
    assert fingerprint == key.fingerprint != analyst_key(with_key(tmp_path, OTHER)).fingerprint


def test_the_key_goes_nowhere(
    ready_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    name = do(ready_database, "select current_database()")[0][0]
    do(ready_database, f"alter database {name} set log_statement = 'all'")
    do(ready_database, PERSONS, 1, 5)
    settings = with_key(tmp_path, OTHER)
    done = keep_pseudonyms(ready_database, settings)
    written = (Path(do(ready_database, "show data_directory")[0][0]) / "log").read_bytes()
    rows = do(ready_database, "select pseudonym::text || key_fingerprint from timeline.pseudonym")
    text = f"{written!r} {caplog.text} {done} {settings!r} {analyst_key(settings)!r} {rows}"
    assert OTHER not in text and OTHER.encode().hex() not in text
    assert b"lock table timeline.pseudonym" in written  # what was looked through are the statements


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = with_key(tmp_path, None)
    key = analyst_key(settings)
    path = settings.home / "keys" / "analyst.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert analyst_key(settings) == key
    assert len(key.secret) == 64 and key.secret.decode() == path.read_text("ascii")
    other = Settings(home=tmp_path / "home")
    person_key(other)
    assert (settings.home / "keys" / "person.key").read_text("ascii") != path.read_text("ascii")


def test_one_secret_for_both_keys_makes_no_equals() -> None:
    code = "0123456789abcdef"
    person = PersonKey.of(KEY.encode()).person_id_of(code).bytes
    key = AnalystKey(KEY.encode())
    assert key.pseudonym_of(person) != person
    assert key.pseudonym_of(code.encode()) != person


def test_a_server_that_is_gone_is_said(settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailable):
        keep_pseudonyms(Database("postgresql://nobody@127.0.0.1:1/none"), settings)


@pytest.mark.slow
def test_a_million_takes_seconds(ready_database: Database, tmp_path: Path) -> None:
    do(ready_database, PERSONS, 1, 1_000_000)
    settings = with_key(tmp_path)
    started = time.perf_counter()
    assert keep_pseudonyms(ready_database, settings).added == 1_000_000
    filled = time.perf_counter()
    assert keep_pseudonyms(ready_database, settings) == Pseudonyms()
    again = time.perf_counter()
    print(f"filled in {filled - started:.1f} s, again in {again - filled:.1f} s")
    assert filled - started < 60 and again - filled < 20  # far more than measured: a shared machine
