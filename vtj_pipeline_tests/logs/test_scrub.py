"""What this process logs as text: nobody's code, and no words of others' errors."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from vtj_pipeline.logs import scrub_logs, without_codes

CODE = "010180-999C"
SCRUBBED = """
import logging, threading
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.logs import scrub_logs, scrub_uncaught
scrub_logs(); scrub_uncaught()
logging.basicConfig(format="%(levelname)s %(message)s")
logger = logging.getLogger("anybody.at.all")
logger.warning("asked for %s of %d", "{code}", 3)
logger.warning("asked for {code}")
logger.warning("does not fit %d", "{code}")
try:
    try:
        int("Meikäläinen")
    except ValueError as error:
        raise PermanentError("in our own words of {code}") from error
except PermanentError:
    logger.exception("failed")
thread = threading.Thread(target=int, args=("Meikäläinen",))
thread.start(); thread.join()
{{}}["Meikäläinen"]
"""


@pytest.fixture(scope="module")
def written() -> str:
    """What a process of its own has written that logs what it should not."""
    script = SCRUBBED.format(code=CODE)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_codes_are_withheld_and_all_else_is_said(written: str) -> None:
    assert CODE not in written
    assert "WARNING asked for (withheld) of 3\n" in written
    assert "WARNING asked for (withheld)\n" in written
    assert "WARNING does not fit %d (and arguments that do not fit)\n" in written


def test_an_error_tells_its_cause_and_place_and_only_our_words(written: str) -> None:
    assert "Meikäläinen" not in written
    assert "vtj_pipeline.errors.PermanentError: in our own words of (withheld)" in written
    assert "ERROR failed\nTraceback (most recent call last):\n" in written
    for kind in ("ValueError", "KeyError"):
        assert f"{kind}: (what it says is withheld: it may quote data of persons)\n" in written
    assert 'File "<string>", line 13, in <module>' in written


def test_a_record_without_anything_to_withhold_keeps_its_arguments() -> None:
    scrub_logs()
    record = logging.getLogRecordFactory()("n", logging.INFO, "f", 1, "%s and %d", ("a", 2), None)
    assert record.args == ("a", 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("of 010180-9004.", "of (withheld)."),
        ("'010180-9005'", "'(withheld)'"),  # mistyped, and somebody's all the same
        (r"lines\n010180-9004\n", r"lines\n(withheld)\n"),
        ("010180-9004010180-9004", "(withheld)(withheld)"),
        ("5a7d3570-fc1e-453e-8c23-87ace123456a7890", None),
        ("88d908f7-a463-4e46-8a7f-4123456-7891", None),
    ],
)
def test_a_code_is_withheld_and_a_run_keeps_its_identifier(text: str, told: str | None) -> None:
    assert without_codes(text) == (text if told is None else told)
