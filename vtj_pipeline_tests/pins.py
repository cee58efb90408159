"""Refresh every pin: `uv run python -m vtj_pipeline_tests.pins`.

Resolves the newest versions that the bounds allow, writes all of them as exact constraints into
pyproject.toml (`uv run` honours them), the hashed requirements.txt for production, and beside it
requirements-s3.txt and requirements-spark.txt with what the extras `s3` and `spark` add.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PYPROJECT = ROOT / "pyproject.toml"
REQUIREMENTS = ROOT / "requirements.txt"
# What the extra `s3` adds to them.
S3_REQUIREMENTS = ROOT / "requirements-s3.txt"
# And what `spark` adds, which is a third of a gigabyte and not installed everywhere.
SPARK_REQUIREMENTS = ROOT / "requirements-spark.txt"
_BLOCK = re.compile(r"constraint-dependencies = \[\n(.*?)^\]\n", re.DOTALL | re.MULTILINE)


_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def pinned() -> set[tuple[str, str]]:
    """The (package, version) pairs of pyproject.toml's constraints."""
    uv = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["uv"]
    return {pair for pin in uv["constraint-dependencies"] for pair in _PIN.findall(pin)}


def required() -> set[tuple[str, str]]:
    """The (package, version) pairs of requirements.txt and of what the extra `s3` adds."""
    files = (REQUIREMENTS, S3_REQUIREMENTS)
    return {pair for file in files for pair in _PIN.findall(file.read_text("utf-8"))}


def _pins(lock: dict[str, Any]) -> list[str]:
    """One constraint a package; with markers where Python versions need different ones."""
    pins = []
    for package in lock["package"]:
        pin = f"{package['name']}=={package.get('version', '')}"
        markers = package.get("resolution-markers")
        if package["name"] != "vtj-pipeline":
            pins.append(pin + (f" ; {' or '.join(f'({m})' for m in markers)}" if markers else ""))
    return sorted(pins)


def _write_constraints(pins: list[str]) -> None:
    lines = "".join(f'  "{pin}",\n' for pin in pins)
    text = PYPROJECT.read_text("utf-8")
    PYPROJECT.write_text(
        _BLOCK.sub(lambda _: f"constraint-dependencies = [\n{lines}]\n", text), "utf-8"
    )


def main() -> None:
    """Resolve anew and write both files."""
    _write_constraints([])
    subprocess.run(["uv", "lock", "--upgrade"], cwd=ROOT, check=True)
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    _write_constraints(_pins(lock))
    subprocess.run(["uv", "lock"], cwd=ROOT, check=True)
    write_requirements()


def write_requirements() -> None:
    """Write the hashed requirements of what is locked."""
    REQUIREMENTS.write_text(_exported(), "utf-8")
    known = set(_entries(REQUIREMENTS.read_text("utf-8")))
    for extra, file in (("s3", S3_REQUIREMENTS), ("spark", SPARK_REQUIREMENTS)):
        more = [one for one in _entries(_exported("--extra", extra)) if one not in known]
        file.write_text("".join(more), "utf-8")


def _entries(text: str) -> list[str]:
    return [one for one in re.split(r"(?m)^(?=[a-z])", text) if one.strip()]


def _exported(*more: str) -> str:
    ran = subprocess.run(
        ["uv", "export", "--quiet", "--no-dev", "--no-emit-project", "--no-emit-index-url",
         "--no-header", "--no-annotate", *more],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return ran.stdout


if __name__ == "__main__":
    main()
