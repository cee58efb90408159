"""The unit files are whole: commands that exist, settings that exist, the hardening in each."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.errors import SettingsError
from vtj_pipeline.settings import PREFIX, Settings
from vtj_pipeline_tests.deploy.units import (
    FOLDER,
    PROGRAM,
    SERVICES,
    TARGET,
    command,
    environment_files,
    read,
    variables,
)
from vtj_pipeline_tests.end_to_end.homes import COMMAND

HARDENED = {
    "User": ["vtj"],
    "UMask": ["0077"],
    "StateDirectoryMode": ["0700"],
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    "PrivateDevices": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
    "SystemCallFilter": ["@system-service", "~@privileged"],
    "Restart": ["always"],
    "PartOf": ["vtj-pipeline.target"],
}
SECRET = {"secrets"}
_services = pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)


@_services
def test_a_service_starts_a_command_that_is_there(service: Path) -> None:
    asked = CliRunner().invoke(cli, [*command(service), "--help"])
    assert asked.exit_code == 0, asked.output
    assert read(service).items() >= HARDENED.items()


@_services
def test_without_a_server_of_its_own_it_says_what_to_do(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VTJ_POSTGRES_URL", raising=False)
    asked = CliRunner().invoke(cli, command(service))
    assert isinstance(asked.exception, SettingsError)
    assert "VTJ_POSTGRES_URL is not set" in str(asked.exception)
    assert "`vtj-pipeline dev`" in str(asked.exception)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "register.example"])
def test_a_ui_is_not_opened_to_other_machines_unasked(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VTJ_POSTGRES_URL", raising=False)
    asked = CliRunner().invoke(cli, ["serve", "webserver", "--host", host])
    assert isinstance(asked.exception, SettingsError)
    assert "--let-others-in" in str(asked.exception) and host in str(asked.exception)
    # With it there is a warning; the server of PostgreSQL is what is missing next.
    asked = CliRunner().invoke(cli, ["serve", "webserver", "--host", host, "--let-others-in"])
    assert "VTJ_POSTGRES_URL is not set" in str(asked.exception)
    assert f"warning: Dagster's UI was to listen at {host}" in asked.stderr


def test_the_target_has_every_part_and_onlookers_are_let_in_by_choice() -> None:
    (wanted,) = read(TARGET)["Wants"]
    assert {one.name for one in SERVICES} - set(wanted.split()) == {"vtj-onlookers.service"}


def test_only_the_code_server_is_told_secrets_and_sees_what_landed() -> None:
    told = {one.stem for one in SERVICES if {f.name for f in environment_files(one)} & SECRET}
    unseeing = {one.stem for one in SERVICES if "InaccessiblePaths" in read(one)}
    assert told == {"vtj-code"}
    assert unseeing == {one.stem for one in SERVICES} - told


def test_every_variable_is_a_setting() -> None:
    files = {file for one in SERVICES for file in environment_files(one)}
    assert files == {FOLDER / "environment", *(FOLDER / name for name in SECRET)}
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    # By which an object store is reached, as every tool of its kind reads them.
    known |= {"AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"}
    known |= {"AWS_SECRET_ACCESS_KEY"}
    for file in files:
        assert variables(file).keys() <= known
    told = {"VTJ_HOME", "VTJ_POSTGRES_URL", "VTJ_LOG_FORMAT"}
    assert set(variables(FOLDER / "environment")) == told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    for unit in (*SERVICES, TARGET):
        text = unit.read_text("utf-8").replace(PROGRAM, COMMAND)
        (tmp_path / unit.name).write_text(text, "utf-8")
    names = sorted(str(path) for path in tmp_path.iterdir())
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True
    )
    assert (found.returncode, found.stdout + found.stderr) == (0, "")
    for name in names:
        if name.endswith(".service"):
            # In tenths of what systemd calls exposure, of 100; up to 20 it calls safe.
            asked = ["systemd-analyze", "security", "--offline=true", "--threshold=20", name]
            assert subprocess.run(asked, capture_output=True).returncode == 0, name
