"""README names commands, settings, files and checks that are there.

That the commands do what it says is held by the tests of each: the quick start by `end_to_end/`,
the rest by `commands/` and `deploy/`.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from click import Command, Group

from vtj_pipeline.cli import cli
from vtj_pipeline.settings import PREFIX, Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.pins import ROOT

README = (ROOT / "README.md").read_text("utf-8")
PROSE = re.sub(r"(?s)```.*?```", "", README)
QUOTED = [" ".join(text.split()) for text in re.findall(r"`([^`]+)`", PROSE)]
LINES = [line for block in re.findall(r"(?s)```sh\n(.*?)```", README) for line in block.split("\n")]
TYPED = sorted(
    {
        tuple(typed.split())
        for text in (*QUOTED, *LINES)
        for typed in re.findall(r"(?:vtj-pipeline|^run) [a-z][^#&]*", text)
    }
)


def command(words: tuple[str, ...]) -> tuple[Command, list[str]]:
    """The command that words begin with, and the words behind it."""
    found: Command = cli
    rest = list(words[1:] if words[0] == "vtj-pipeline" else words)
    while rest and isinstance(found, Group):
        assert rest[0] in found.commands, f"{' '.join(words)}: there is no {rest[0]}"
        found = found.commands[rest.pop(0)]
    return found, rest


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_every_command_and_option_is_there(words: tuple[str, ...]) -> None:
    found, rest = command(words)
    if found.context_settings.get("ignore_unknown_options"):
        return  # they are another program's, and tested with it
    known = {name for one in found.params for name in one.opts}
    assert {word.strip("[]") for word in rest if word.lstrip("[").startswith("-")} <= known


def test_commands_are_told_at_all() -> None:
    assert {" ".join(words[:2]) for words in TYPED} >= {
        "vtj-pipeline demo",
        "vtj-pipeline doctor",
        "run changes",
        "run views",
    }


def test_every_setting_is_there() -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b", README))
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    # A variable of the tests.
    assert named - known == {"VTJ_TEST_KILLS"}


def test_every_file_that_is_linked_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(linked) >= 5
    assert [one for one in linked if "://" not in one and not (ROOT / one).exists()] == []


def test_the_subscription_that_is_shown_is_one() -> None:
    [text] = re.findall(r"(?s)```toml\n(.*?)```", README)
    [shown] = tomllib.loads(text)["subscription"]
    assert Subscription(**shown).name == "kuopio"
    uncommented = re.sub(r"(?m)^# (?=[a-z_]+ =)", "", text)
    [whole] = tomllib.loads(uncommented)["subscription"]
    Subscription(**{**whole, "baseline": "files", "baseline_files": "delivered/*.json"})
