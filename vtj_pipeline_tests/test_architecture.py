"""The shape of the program: imports run one way, modules say what they are, pins agree."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vtj_pipeline_tests.pins import ROOT, pinned, required

PACKAGE = ROOT / "vtj_pipeline"
FILES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400
FLOOR = {
    "clock",
    "settings",
    "settings_alarms",
    "settings_customers",
    "settings_files",
    "settings_spark",
    "errors",
    "logs",
    "templates",
}
# Part → the other parts that it may import. Parts on one floor may know each other only as said.
MAY = {
    "clock": set(),
    "errors": set(),
    "settings_alarms": set(),
    "settings_customers": set(),
    "settings_files": set(),
    "settings_spark": set(),
    "settings": {
        "settings_alarms",
        "settings_customers",
        "settings_files",
        "settings_spark",
        "errors",
    },
    "templates": set(),
    "logs": {"errors"},
    "catalogue": FLOOR,
    "postgres": FLOOR,
    "alarms": FLOOR,
    "privacy": FLOOR | {"catalogue", "postgres"},
    "customers": FLOOR | {"catalogue", "postgres", "privacy"},
    "source": FLOOR | {"catalogue"},
    "landing": FLOOR | {"catalogue", "postgres", "privacy", "source"},
    # What an answer looks like, and what of a broken one can be read, is known to `source` alone.
    "events": FLOOR | {"catalogue", "postgres", "privacy", "landing", "source"},
    "register": FLOOR | {"catalogue", "postgres", "privacy", "landing", "events"},
    "register_files": FLOOR | {"postgres", "privacy", "landing"},
    "erasure": FLOOR
    | {"catalogue", "postgres", "privacy", "landing", "events", "register", "register_files"},
    "legacy": FLOOR | {"catalogue", "postgres", "privacy", "landing"},
    "reference": FLOOR,
    "sandbox": FLOOR | {"catalogue", "reference"},
}
BELOW = set(MAY) - {"sandbox"}
MAY |= {
    "orchestration": BELOW,
    "definitions": {"orchestration"},
    "commands": BELOW | {"orchestration"},
    "cli": {"commands", "errors", "logs", "sandbox", "settings"},
    "__init__": set(),
}


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, when_typing: bool) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[ast.AST] = set()
    if not when_typing:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
                skipped |= {each for statement in node.body for each in ast.walk(statement)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield str(node.module)
            if node.module == "vtj_pipeline":
                yield from (f"vtj_pipeline.{alias.name}" for alias in node.names)


def users(library: str, *, when_typing: bool) -> set[str]:
    """The parts that import a library."""
    return {
        part(path)
        for path in FILES
        for name in imports(path, when_typing=when_typing)
        if name.split(".")[0] == library
    }


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = part(path)
    assert own in MAY, f"say above what {own} may import"
    used = {
        name.split(".")[1]
        for name in imports(path, when_typing=True)
        if name.startswith("vtj_pipeline.")
    }
    assert used - {own} <= MAY[own]


def test_dagster_stays_in_orchestration() -> None:
    for library in ("dagster", "dagster_dbt", "dagster_postgres"):
        assert users(library, when_typing=False) <= {"orchestration", "definitions"}
        assert users(library, when_typing=True) <= {"orchestration", "definitions", "commands"}


def test_dbt_has_one_door() -> None:
    """Another one would load dbt-core into every process of a code location."""
    door = PACKAGE / "orchestration" / "dbt_process.py"
    for path in FILES:
        names = {name.split(".")[0] for name in imports(path, when_typing=True)}
        assert path == door or not names & {"dbt", "dagster_dbt"}, path


def test_calls_leave_the_house_from_two_places() -> None:
    """The source is asked in `source`; people are told, by mail or webhook, in `alarms`."""
    assert users("httpx", when_typing=True) == {"source", "alarms"}
    assert users("smtplib", when_typing=True) == {"alarms"}


def test_the_sandbox_is_an_independent_witness() -> None:
    for path in (PACKAGE / "sandbox").glob("*.py"):
        for name in imports(path, when_typing=True):
            assert not name.startswith(
                tuple(f"vtj_pipeline.{p}" for p in ("events", "register", "landing", "source"))
            )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_and_is_not_long(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= MOST_LINES


def test_no_certificate_goes_unverified_and_nothing_listens_to_everybody() -> None:
    """That a wrong one is refused, and where things listen, is tested where they are."""
    wrong = re.compile(
        r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified|"
        r"InsecureRequestWarning|0\.0\.0\.0|disable_warnings"
    )
    for path in FILES:
        assert wrong.search(path.read_text("utf-8")) is None, path


def test_production_pins_are_among_the_constraints() -> None:
    assert required()
    assert required() <= pinned()


def test_benchmarks_can_be_started() -> None:
    """They take too long to be run by the tests, and whatever they import changes."""
    for path in sorted((ROOT / "vtj_pipeline_tests" / "benchmarks").glob("*.py")):
        if path.stem != "__main__":
            importlib.import_module(f"vtj_pipeline_tests.benchmarks.{path.stem}")
