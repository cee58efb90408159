"""`VTJ_LOG_FORMAT=json` of commands, as processes: what they log is JSON, an answer is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vtj_pipeline_tests.end_to_end.homes import COMMAND
from vtj_pipeline_tests.logs.read import messages, read

UNEXPECTED = """
import logging, threading
from vtj_pipeline.cli import cli, main
@cli.command()
def broken():
    logging.getLogger("vtj_pipeline.landing").info("begun")
    logging.getLogger("httpx").info("not for us")
    logging.getLogger("httpx").warning("heard")
    thread = threading.Thread(target=int, args=("Meikäläinen",))
    thread.start()
    thread.join()
    int("Meikäläinen")
main(["broken"])
"""


def command(
    home: Path, *arguments: str, log_format: str = "json"
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VTJ_", "DAGSTER_"))}
    return subprocess.run(
        arguments,
        env={**kept, "VTJ_HOME": str(home), "VTJ_LOG_FORMAT": log_format},
        capture_output=True,
        text=True,
    )


def test_why_a_command_failed_is_a_line_with_its_error(tmp_path: Path) -> None:
    done = command(tmp_path, COMMAND, "run", "changes", "2999-01-01")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = read(done.stderr)
    assert line["level"] == "ERROR"
    assert line["message"].startswith("The changes from 2999-01-01 to 2999-01-01 were asked for")
    assert line["exception"]["type"] == "vtj_pipeline.errors.DayNotOver"


def test_a_wrong_option_is_a_line_too(tmp_path: Path) -> None:
    done = command(tmp_path, COMMAND, "run", "nothing")
    assert done.returncode == 2
    assert messages(read(done.stderr)) == ["No such command 'nothing'."]


def test_an_unexpected_error_is_a_line_without_its_words(tmp_path: Path) -> None:
    done = command(tmp_path, sys.executable, "-c", UNEXPECTED)
    assert done.returncode == 1
    assert messages(read(done.stdout)) == ["begun"]
    heard, thread, ended = read(done.stderr)
    assert (heard["logger"], heard["message"]) == ("httpx", "heard")
    for line in (thread, ended):
        assert (line["level"], line["exception"]["type"]) == ("CRITICAL", "ValueError")
    assert "Meikäläinen" not in done.stderr
    assert ended["exception"]["at"].endswith("in broken")


def test_an_answer_stays_what_was_asked_for(tmp_path: Path) -> None:
    done = command(tmp_path, COMMAND, "--help")
    assert done.stdout.startswith("Usage: ") and done.stderr == ""


@pytest.mark.parametrize("log_format", ["", "text"])
def test_people_are_told_as_before(tmp_path: Path, log_format: str) -> None:
    done = command(tmp_path, COMMAND, "sandbox", "serve", "--persons=-1", log_format=log_format)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Sandbox option persons") and len(done.stderr.splitlines()) == 1


def test_another_format_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, COMMAND, "--help", log_format="yaml")
    assert done.returncode == 1
    assert done.stderr == (
        "error: VTJ_LOG_FORMAT: must be text or json. Correct the environment and start again.\n"
    )


def test_the_sandbox_says_so_when_it_is_ready_and_when_it_cannot(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VTJ_")}
    options = ("--persons", "20", "--days", "1", "--port", "0")
    with subprocess.Popen(
        [COMMAND, "sandbox", "serve", *options],
        env={**kept, "VTJ_LOG_FORMAT": "json"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        (line,) = read(process.stdout.readline())
        process.terminate()
    assert line["message"].startswith("ready http://127.0.0.1:")
    assert line["message"].endswith("/api/v1")
    done = command(tmp_path, COMMAND, "sandbox", "serve", "--persons", "-1")
    assert done.returncode == 1
    (line,) = read(done.stderr)
    assert line["exception"]["type"] == "vtj_pipeline.errors.SandboxError"
    assert "persons" in line["exception"]["message"]
