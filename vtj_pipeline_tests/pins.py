"""Refresh every pin: `uv run python -m vtj_pipeline_tests.pins`.

Resolves the newest versions that the bounds allow, writes all of them as exact constraints into
pyproject.toml (`uv run` honours them) and the hashed requirements.txt for production.
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
_BLOCK = re.compile(r"constraint-dependencies = \[\n(.*?)^\]\n", re.DOTALL | re.MULTILINE)


_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def pinned() -> set[tuple[str, str]]:
    """The (package, version) pairs of pyproject.toml's constraints."""
    uv = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["uv"]
    return {pair for pin in uv["constraint-dependencies"] for pair in _PIN.findall(pin)}


def required() -> set[tuple[str, str]]:
    """The (package, version) pairs of requirements.txt."""
    return set(_PIN.findall(REQUIREMENTS.read_text("utf-8")))


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
    subprocess.run(
        ["uv", "export", "--quiet", "--no-dev", "--no-emit-project", "--no-emit-index-url",
         "--no-header", "--no-annotate", "--output-file", str(REQUIREMENTS)],
        cwd=ROOT, check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
