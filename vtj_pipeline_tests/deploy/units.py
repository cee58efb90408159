"""The units and environment files under `deploy/systemd`, read as systemd reads them.

Keep out what is expected of them.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from pathlib import Path

from vtj_pipeline_tests.pins import ROOT

FOLDER = ROOT / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
TARGET = FOLDER / "vtj-pipeline.target"
PROGRAM = "/opt/vtj-pipeline/bin/vtj-pipeline"
INSTALLED = Path("/etc/vtj-pipeline")
_ASSIGNMENT = re.compile(r"^#?([A-Z_]+)=(.*)$", re.MULTILINE)


def read(path: Path) -> dict[str, list[str]]:
    """The settings of a unit, with all their values in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found[name].append(value)
    return dict(found)


def command(path: Path) -> list[str]:
    """What a service starts, without the program's own path."""
    (line,) = read(path)["ExecStart"]
    program, *arguments = shlex.split(line)
    assert program == PROGRAM
    return arguments


def environment_files(path: Path) -> list[Path]:
    """The examples of the environment files that a service reads."""
    names = [Path(name) for name in read(path)["EnvironmentFile"]]
    assert all(name.parent == INSTALLED for name in names)
    return [FOLDER / name.name for name in names]


def variables(path: Path) -> dict[str, str]:
    """What an environment file sets, or shows how to."""
    return dict(_ASSIGNMENT.findall(path.read_text("utf-8")))
