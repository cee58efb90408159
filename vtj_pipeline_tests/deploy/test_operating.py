"""docs/operating.md names commands, checks, files and errors that are there."""

from __future__ import annotations

import re

import dagster as dg
import pytest
from click.testing import CliRunner

from vtj_pipeline import errors
from vtj_pipeline.cli import cli
from vtj_pipeline.orchestration.checks import register_checks
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.landing_checks import landing_checks
from vtj_pipeline.orchestration.publication_check import PLAUSIBLE
from vtj_pipeline.orchestration.views_check import views_check
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.deploy.operating import PAGE, blocks
from vtj_pipeline_tests.deploy.units import SERVICES
from vtj_pipeline_tests.pins import ROOT
from vtj_pipeline_tests.source.products import municipality

# What is typed as `vtj …` ends where another command or a remark begins.
TYPED = sorted(
    {
        tuple(
            word for word in line.split() if word not in ("FROM", "TO") and not word.startswith("…")
        )
        for text in (*blocks(), *re.findall(r"`([^`]+)`", re.sub(r"(?s)```.*?```", "", PAGE)))
        for line in re.findall(r"(?:^|&& )vtj(?:-pipeline)? ([a-z][^#&\n]*)", text, re.MULTILINE)
    }
)


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_every_command_is_there(words: tuple[str, ...]) -> None:
    asked = CliRunner().invoke(cli, [*words, "--help"])
    assert asked.exit_code == 0, asked.output
    for option in (word for word in words if word.startswith("--")):
        assert option in asked.output


def test_commands_are_told_at_all() -> None:
    assert {words[0] for words in TYPED} >= {"doctor", "restore-check", "serve", "upgrade"}
    assert ("run", "register", "--rebuild") in TYPED


def test_every_check_of_ours_says_what_to_do() -> None:
    subscription = municipality()
    deployment = Deployment(Settings(), (subscription,))
    made = [
        register_checks(deployment),
        views_check(deployment),
        *landing_checks(deployment, subscription),
    ]
    names = {
        key.name
        for one in made
        if isinstance(one, dg.AssetChecksDefinition)
        for key in one.check_keys
    } | {PLAUSIBLE}
    assert len(names) >= 11
    table = PAGE.split("| Check | Means |")[1].split("\n\n")[0]
    assert names == set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))


def test_every_error_file_and_unit_is_there() -> None:
    for name in re.findall(r"^\| `([A-Z][A-Za-z]+)` \|", PAGE, re.MULTILINE):
        assert issubclass(getattr(errors, name), errors.VtjError)
    for path in re.findall(r"\]\(\.\./([^)]+)\)|(?<=[ `])(deploy/[a-z/]+)(?=[ `])", PAGE):
        assert (ROOT / "".join(path)).exists(), path
    units = set(re.findall(r"^\| `(vtj-[a-z]+)` \|", PAGE, re.MULTILINE))
    assert units == {one.stem for one in SERVICES}
