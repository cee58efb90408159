"""The unit of a customer's code server: as hardened as the others, and blind to other customers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline_tests.deploy.test_units import HARDENED
from vtj_pipeline_tests.deploy.units import FOLDER, PROGRAM, command, read
from vtj_pipeline_tests.end_to_end.homes import COMMAND

UNIT = FOLDER / "customers" / "vtj-customer@.service"
ALONE = FOLDER / "vtj-code.service"
DIFFERING = {"Description", "EnvironmentFile", "ExecStart"}
HIDDEN = ["/var/lib/vtj-pipeline/homes:ro /etc/vtj-pipeline/customers:ro"]


def test_it_is_the_code_server_s_unit_and_sees_one_customer_alone() -> None:
    unit, alone = read(UNIT), read(ALONE)
    assert unit.items() >= HARDENED.items()
    own = {"TemporaryFileSystem", "BindPaths", "BindReadOnlyPaths"}
    assert set(unit) == set(alone) | own
    assert {name for name in alone if unit[name] != alone[name]} == DIFFERING
    assert unit["TemporaryFileSystem"] == HIDDEN
    shown = " ".join(unit["BindPaths"] + unit["BindReadOnlyPaths"]).split()
    assert [one for one in shown if "%i" not in one] == ["/etc/vtj-pipeline/customers/dagster.url"]


def test_it_starts_commands_that_are_there() -> None:
    customers, as_, name, *rest = command(UNIT)
    assert (customers, as_, name) == ("customers", "as", "%i")
    assert CliRunner().invoke(cli, [*rest, "--help"]).exit_code == 0
    asked = CliRunner().invoke(cli, ["customers", "--help"])
    assert asked.exit_code == 0 and " as " in asked.output


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    copied = tmp_path / "vtj-customer@kuopio.service"
    copied.write_text(UNIT.read_text("utf-8").replace(PROGRAM, COMMAND), "utf-8")
    for asked in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]):
        found = subprocess.run(["systemd-analyze", *asked, str(copied)], capture_output=True)
        assert found.returncode == 0, found.stderr.decode()
