"""The command line: every option is there, documented, and read."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from datetime import date

import pytest

from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.sandbox.__main__ import _help, read_options


def test_every_option_is_documented() -> None:
    texts = _help()
    assert [field.name for field in fields(SandboxOptions) if not texts.get(field.name)] == []
    assert set(texts) == {field.name for field in fields(SandboxOptions)}


def test_nothing_given_is_the_default() -> None:
    assert read_options([]) == SandboxOptions()


def test_all_faults_bring_the_noise_unless_it_is_left_out() -> None:
    assert read_options(["--faults", "all"]) == SandboxOptions(faults="all", noise="all")
    assert read_options(["--faults", "all", "--noise", "none"]) == SandboxOptions(faults="all")
    assert read_options(["--faults", "cut=0.5"]) == SandboxOptions(faults="cut=0.5")


def test_values_of_every_kind_are_read() -> None:
    given = ["--merger-day", "2027-01-01", "--merger-from", "441", "--daily-quota", "5",
             "--slow-seconds", "0.5", "--no-basic-data-caught-up", "--page-order", "shuffled",
             "--tailored-municipalities", "091", "405", "--uncensored",
             "--granted-groups", "mutpT1=A,B", "--granted-groups", "mutpH1=C"]  # fmt: skip
    assert read_options(given) == SandboxOptions(
        merger_day=date(2027, 1, 1), merger_from="441", daily_quota=5, slow_seconds=0.5,
        basic_data_caught_up=False, page_order="shuffled", censoring=False,
        tailored_municipalities=("091", "405"),
        granted_groups=(("mutpT1", ("A", "B")), ("mutpH1", ("C",))),
    )  # fmt: skip


@pytest.mark.parametrize("module", ["vtj_pipeline.sandbox", "vtj_pipeline.cli"])
def test_a_wrong_option_ends_with_status_1(module: str) -> None:
    start = ["-m", module]
    if module.endswith("cli"):
        start = ["-c", "from vtj_pipeline.cli import main; main()", "sandbox", "serve"]
    command = [sys.executable, *start, "--faults", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Faults were given")
    assert "Traceback" not in done.stderr
