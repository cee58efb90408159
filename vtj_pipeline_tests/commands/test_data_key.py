"""Exchanging the key of the local files: by the command, interrupted, and from plain files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.commands.doctor_files import file_findings
from vtj_pipeline.errors import DataKeyMissing, LandingError, SettingsError
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import (
    Storage,
    encrypt_anew,
    encryption_of,
    landed_batches,
    verify_landing,
)
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.privacy.data_keys import key_file, new_key, parse_keys
from vtj_pipeline.register import publish_pending
from vtj_pipeline.settings import Settings, load_settings
from vtj_pipeline_tests.builders import START, Bench, day, message, row
from vtj_pipeline_tests.conftest import DATA_KEY

pytestmark = pytest.mark.slow

AT = "2026-10-05T08:00:00.123Z"
HOME = row("KOTIKUNTA", "LISATTY", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
Deploys = Callable[..., None]


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """Three landed files with their events."""
    bench = Bench(ready_database, storage, settings)
    for number, person in enumerate("ABC"):
        bench.land([message(person, AT, HOME)], cursor=START + 100 * number)
    extract_events(bench.database, bench.storage, bench.settings)
    return bench


@pytest.fixture
def deploys(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Deploys:
    """Sets the environment to that home, with these keys."""

    def deploys(*keys: str, url: str | None = bench.database.url) -> None:
        for name, value in {
            "VTJ_HOME": str(bench.settings.home),
            "VTJ_POSTGRES_URL": url,
            "VTJ_DATA_KEY": " ".join(keys),
        }.items():
            monkeypatch.delenv(name, raising=False)
            if value:
                monkeypatch.setenv(name, value)

    return deploys


def command(*words: str) -> str:
    asked = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert asked.exit_code == 0
    return asked.output


def said() -> dict[str, tuple[str, str]]:
    return {one.check: (one.result, one.found) for one in file_findings(load_deployment())}


def quiet(what: str, done: int, of: int | None) -> None:
    del what, done, of


def test_a_new_key_is_a_key_and_another_each_time() -> None:
    one, other = (command("data-key", "new").strip() for _ in range(2))
    assert one != other
    assert parse_keys(one).current != parse_keys(other).current


def test_keys_are_exchanged_and_the_ledger_stays_as_it_is(bench: Bench, deploys: Deploys) -> None:
    new = new_key()
    before = landed_batches(bench.database)
    deploys(new, DATA_KEY)
    assert said()["encryption"][0] == "warn" and "6 under an earlier key" in said()["encryption"][1]
    assert "6 files were encrypted anew" in command("data-key", "rotate")
    assert "0 files were encrypted anew" in command("data-key", "rotate")
    deploys(new)
    assert said()["encryption"] == ("ok", f"6 files, key {parse_keys(new).current.name}")
    bench.storage = load_deployment().storage
    assert landed_batches(bench.database) == before
    verify_landing(bench.storage, before)
    assert bench.publish().persons == 3
    deploys(DATA_KEY)
    assert "6 of them under a key that is not at hand" in said()["encryption"][1]
    with pytest.raises(DataKeyMissing):
        verify_landing(load_deployment().storage, before)


def test_an_exchange_that_was_stopped_goes_on(bench: Bench) -> None:
    new = parse_keys(f"{new_key()} {DATA_KEY}")

    def stop(what: str, done: int, of: int | None) -> None:
        del what, of
        if done == 2:
            raise KeyboardInterrupt

    storage = Storage(bench.settings.home, new)
    with pytest.raises(KeyboardInterrupt):
        encrypt_anew(storage, stop)
    assert encryption_of(storage).earlier_keys == 4
    # Meanwhile all of it is read.
    publish_pending(bench.database, storage, bench.settings, {"test": ("091",)}, run_id="test")
    assert encrypt_anew(storage, quiet) == 4
    assert encryption_of(storage).earlier_keys == 0


def test_a_process_that_goes_on_with_the_earlier_key_is_noticed(bench: Bench) -> None:
    storage = Storage(bench.settings.home, parse_keys(f"{new_key()} {DATA_KEY}"))

    def writes(what: str, done: int, of: int | None) -> None:
        del what, of
        bench.storage.write(f"events/late-{done}.parquet", b"late")

    with pytest.raises(LandingError, match="6 files were written with an earlier key meanwhile"):
        encrypt_anew(storage, writes)


def test_files_of_a_version_that_did_not_encrypt_are_read_and_encrypted(
    bench: Bench, deploys: Deploys
) -> None:
    for path in (*bench.storage.files("landing"), *bench.storage.files("events")):
        plain = bench.storage.read(path)
        assert plain.startswith(b"PAR1")
        bench.storage.absolute(path).write_bytes(plain)
    assert bench.publish().persons == 3
    deploys(DATA_KEY)
    assert "6 not encrypted" in said()["encryption"][1]
    command("data-key", "rotate")
    verify_landing(bench.storage, landed_batches(bench.database))
    for folder in ("landing", "events"):
        for path in bench.storage.files(folder):
            assert b"PAR1" not in bench.storage.absolute(path).read_bytes()


def test_a_key_under_the_home_is_made_exchanged_and_found_fault_with(
    bench: Bench, deploys: Deploys
) -> None:
    deploys(url=None)
    settings = load_settings()
    file = key_file(settings)
    file.parent.mkdir(mode=0o700)
    # As if the process had been stopped right after the new key was written.
    first = new_key()
    file.write_text(f"{first}\n{DATA_KEY}", "ascii")
    assert "6 files were encrypted anew" in command("data-key", "rotate")
    assert file.read_text("ascii") == first
    assert "6 files were encrypted anew" in command("data-key", "rotate")
    assert first not in file.read_text("ascii")
    assert encryption_of(load_deployment().storage).missing_keys == 0
    # Beside a PostgreSQL of one's own it is used, but is not to stay there.
    deploys()
    assert said()["encryption"][0] == "fail" and "beside what it locks" in said()["encryption"][1]


def test_a_deployment_is_not_given_a_key_unasked(bench: Bench, deploys: Deploys) -> None:
    deploys()
    with pytest.raises(SettingsError, match=r"VTJ_DATA_KEY is not set.*data-key new"):
        data_keys(load_settings())
    assert not key_file(load_settings()).exists()
    result, told = said()["encryption"]
    assert result == "fail" and "VTJ_DATA_KEY is not set" in told
    [found] = json.loads(command("status", "--json"))["encryption"]
    assert set(found.values()) == {None} and "missing_keys" in found
    # The embedded server's home has one from its first need on, and it stays.
    deploys(url=None)
    keys = data_keys(load_settings())
    assert keys == data_keys(load_settings())
    assert key_file(load_settings()).stat().st_mode & 0o777 == 0o600
    assert bench.database.url


@pytest.mark.parametrize("wrong", ["x", "a b", DATA_KEY[:-8], f"{DATA_KEY} rotten", " "])
def test_a_wrong_key_is_refused_and_not_told(
    wrong: str, deploys: Deploys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploys(wrong)
    with pytest.raises(SettingsError, match="VTJ_DATA_KEY: must be 32 bytes in base64") as told:
        load_settings()
    assert not wrong.strip() or wrong not in str(told.value)
    deploys()
    file = tmp_path / "key"
    file.write_text(f"{new_key()}\n{DATA_KEY}\n", "ascii")
    monkeypatch.setenv("VTJ_DATA_KEY_FILE", str(file))
    keys = data_keys(load_settings())
    assert keys.earlier == (parse_keys(DATA_KEY).current,)
    assert DATA_KEY not in repr(load_settings()) and "secret" not in repr(keys)


def test_the_first_file_that_others_may_read_is_named(bench: Bench, deploys: Deploys) -> None:
    deploys(DATA_KEY)
    assert said()["files"] == ("ok", "nothing")
    home = bench.settings.home
    (home / "notes").touch()
    (home / "notes").chmod(0o640)
    assert said()["files"] == ("warn", f"first {home / 'notes'}")
    home.chmod(0o755)
    assert said()["files"] == ("fail", f"first {home}")
