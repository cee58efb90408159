"""The national benchmark in small: every stage is there, and what stands beside it. No times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vtj_pipeline_tests.benchmarks.__main__ import main
from vtj_pipeline_tests.benchmarks.national import DAY_PAGES, DAY_PUBLISH, PAGES, PUBLISH
from vtj_pipeline_tests.benchmarks.peers.cases import CASES

# Views take long to make for a few persons as for many, and have tests of their own.
RUN = ["national", "--persons", "25000", "--day", "3000", "--fetched", "200", "--no-views"]
SMALL = ["national", "--persons", "1000", "--day", "200", "--fetched", "0", "--no-views"]
BARE = {PAGES, PUBLISH, DAY_PAGES, DAY_PUBLISH, "fetch over HTTP"}

PARTS = {"read events", "identify", "fold", "copy", "diff and write", "rest"}


@pytest.mark.slow
def test_every_stage_is_measured_beside_bare_work(tmp_path: Path) -> None:
    told, printed = _measured([*RUN], tmp_path / "figures.json")
    (run,) = told["runs"]
    steps = {step["name"]: step for step in run["steps"]}
    assert set(steps) == {*BARE, "generate", "publish again"}
    assert {name for name, step in steps.items() if step["limit_seconds"]} == BARE
    assert all(step["seconds"] > 0 and step["peak_bytes"] > 0 for step in steps.values())
    assert run["landed"]["persons"] == steps[PUBLISH]["persons"] == 25_000
    assert run["landed"]["rows"] > 18 * 25_000
    assert run["landed"]["json_bytes"] > 2500 * 25_000
    assert steps[PUBLISH]["rows"] == sum(run["tables"].values())
    assert 0 < steps[DAY_PUBLISH]["rows"] < steps[PUBLISH]["rows"]
    assert all(name in printed for name in steps)
    assert {part for part, seconds in run["parts"][PUBLISH].items() if seconds > 0} == PARTS
    again = CliRunner().invoke(main, ["compare", *[str(tmp_path / "figures.json")] * 2])
    assert again.exit_code == 0
    assert again.output.count("1.00") == len(steps)


@pytest.mark.slow
def test_a_peer_is_measured_on_the_same_rows_and_judged(tmp_path: Path) -> None:
    told, _ = _measured([*SMALL, "--no-bare", "--peer", "upsert"], tmp_path / "figures.json")
    (run,), (peer,) = told["runs"], told["peers"]
    assert not any(step["limit"] for step in run["steps"])
    published = next(step for step in run["steps"] if step["name"] == PUBLISH)
    assert peer["day"]["rows"] < peer["first"]["rows"] <= published["rows"]
    assert set(told["ours"].values()) == {"right"}
    assert set(told["ours"]) == set(peer["verdicts"]) == {case.name for case in CASES}


def _measured(command: list[str], file: Path) -> tuple[dict[str, Any], str]:
    done = CliRunner().invoke(main, [*command, "--json", str(file)])
    assert done.exit_code == 0, done.output
    return json.loads(file.read_text("utf-8")), done.output
