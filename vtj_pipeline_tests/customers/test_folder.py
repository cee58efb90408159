"""The settings files of customers: what a process of one is told, and what is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.customers import customers_in, make_customer_files, read_customer
from vtj_pipeline.errors import DataKeyMissing, SettingsError
from vtj_pipeline.landing import storage_of
from vtj_pipeline.privacy import data_keys, person_key
from vtj_pipeline.settings import load_settings
from vtj_pipeline_tests.builders import CODES

SECRET = "hunter2-hunter2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two customers' files, as they are made; the addresses of their databases stand beside."""
    made = tmp_path / "customers"
    for name in ("aura", "kuopio"):
        make_customer_files(made, name, tmp_path / "homes" / name)
        (made / name / "postgres.url").write_text(f"postgresql://{name}:{SECRET}@db.example/{name}")
    (made / "dagster.url").write_text(f"postgresql://dagster:{SECRET}@db.example/dagster")
    return made


def added(file: Path, line: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}{line}", "utf-8")


def test_a_customer_s_process_is_told_its_own_and_nothing_of_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VTJ_API_PASSWORD", "TURKU_PASSWORD", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD",
                 "VTJ_ADMIN_URL", "VTJ_CUSTOMERS", "DAGSTER_HOME"):  # fmt: skip
        monkeypatch.setenv(name, SECRET)
    added(folder / "aura.env", "AURA_PASSWORD='its own'\n")
    kuopio, aura = read_customer(folder, "kuopio"), read_customer(folder, "aura")
    told = kuopio.environment()
    assert SECRET not in told.values()
    assert told["VTJ_CUSTOMER"] == "kuopio" and told["PATH"] == os.environ["PATH"]
    assert "AURA_PASSWORD" not in told and aura.environment()["AURA_PASSWORD"] == "its own"
    assert not {value for value in told.values() if "aura" in value}
    before = dict(os.environ)
    with kuopio.at_work():
        settings = load_settings()
        assert settings.customer == "kuopio" and settings.api_password is None
        assert settings.postgres_url is not None
        assert "kuopio" in settings.postgres_url.get_secret_value()
    assert dict(os.environ) == before


def test_keys_are_each_customer_s_own_and_stay(folder: Path, tmp_path: Path) -> None:
    found = {}
    for one in customers_in(folder)[0]:
        with one.at_work():
            settings = load_settings()
            found[one.name] = (
                str(person_key(settings).person_id_of(CODES["A"])),
                data_keys(settings).current.name,
            )  # fmt: skip
    assert len(set(found["aura"] + found["kuopio"])) == 4
    assert make_customer_files(folder, "kuopio", tmp_path / "homes" / "kuopio") == []
    with read_customer(folder, "kuopio").at_work():
        assert data_keys(load_settings()).current.name == found["kuopio"][1]


def test_a_file_of_one_is_no_file_for_another_s_key(folder: Path) -> None:
    storages = {}
    for one in customers_in(folder)[0]:
        with one.at_work():
            settings = load_settings()
            storages[one.name] = storage_of(settings, data_keys(settings))
    storages["aura"].write("landing/town/a.parquet", b"somebody's address")
    written = storages["aura"].root / "landing/town/a.parquet"
    assert b"address" not in written.read_bytes()
    taken = storages["kuopio"].root / "landing/town/a.parquet"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(written.read_bytes())
    with pytest.raises(DataKeyMissing):
        storages["kuopio"].read("landing/town/a.parquet")
    assert storages["aura"].read("landing/town/a.parquet") == b"somebody's address"


def test_what_is_made_is_for_its_owner_alone(folder: Path, tmp_path: Path) -> None:
    made = [folder, *folder.rglob("*"), *(tmp_path / "homes").glob("*")]
    mine = [one for one in made if one.name not in ("postgres.url", "dagster.url")]
    assert len(mine) >= 12
    for one in mine:
        assert stat.S_IMODE(one.stat().st_mode) & 0o077 == 0, one


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    (folder / "kuopio.env").chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_customer(folder, "kuopio")
    assert read_customer(folder, "aura").name == "aura"


@pytest.mark.parametrize(
    "line",
    [
        f"PATH=/{SECRET}", f"LD_PRELOAD={SECRET}", f"PYTHONPATH={SECRET}", f"DAGSTER_HOME={SECRET}",
        f"VTJ_ADMIN_URL={SECRET}", f"VTJ_CUSTOMER={SECRET}", f"export A={SECRET}", SECRET,
    ],
)  # fmt: skip
def test_a_line_that_is_not_a_customer_s_is_named_and_not_shown(folder: Path, line: str) -> None:
    added(folder / "kuopio.env", f"{line}\n")
    with pytest.raises(SettingsError, match=r"kuopio\.env") as raised:
        read_customer(folder, "kuopio")
    assert SECRET not in str(raised.value)


def test_one_whose_file_is_wrong_keeps_nobody_else_back(folder: Path) -> None:
    (folder / "aura.env").chmod(0o644)
    found, faults = customers_in(folder)
    assert [one.name for one in found] == ["kuopio"]
    assert "chmod 600" in str(faults["aura"])


def test_two_customers_never_share_a_home(folder: Path, tmp_path: Path) -> None:
    added(folder / "aura.env", f"VTJ_HOME={tmp_path / 'homes' / 'kuopio'}\n")
    found, faults = customers_in(folder)
    assert [one.name for one in found] == ["aura"]
    assert "aura and kuopio have the same home" in str(faults["kuopio"])


@pytest.mark.parametrize("name", ["", "Kuopio", "../x", "a-b", "1a", "a" * 31, "kuopio/x"])
def test_a_name_that_cannot_be_a_database_s_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        make_customer_files(tmp_path, name, tmp_path / "home")
    assert list(tmp_path.iterdir()) == []


def test_who_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"has aura, kuopio.*customers add turku"):
        read_customer(folder, "turku")


@pytest.mark.parametrize(
    "command", [["dev"], ["serve", "daemon"], ["serve", "webserver"], ["customers", "list"]]
)
def test_a_customer_has_no_daemon_of_its_own(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """A second one on the same storage would start everybody's runs twice."""
    monkeypatch.setenv("VTJ_CUSTOMER", "kuopio")
    asked = CliRunner().invoke(cli, command)
    assert isinstance(asked.exception, SettingsError)
    assert "kuopio" in str(asked.exception)
