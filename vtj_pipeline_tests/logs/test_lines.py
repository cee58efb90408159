"""What programs write, shaped by `python -m vtj_pipeline.logs`: one object a line, no values."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from vtj_pipeline_tests.logs.read import Line, read

CODE = "010190-999X"
NAME = "Meikäläinen"
TRACEBACK = f"""Traceback (most recent call last):
  File "/opt/a.py", line 12, in read
    raise ValueError("x")
ValueError: {NAME} cannot be read

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/b.py", line 3, in work
    raise KeyError
"""
DAGSTERS = (
    '{{"event": "{event}", "logger": "dagster.daemon", "level": "error", '
    '"timestamp": "2026-11-26T09:00:00.123456Z"{more}}}'
)


def shaped(text: str) -> list[Line]:
    done = subprocess.run(
        [sys.executable, "-m", "vtj_pipeline.logs"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert NAME not in done.stdout
    return read(done.stdout)


def test_a_line_of_ours_passes_and_every_other_one_is_wrapped() -> None:
    ours = (
        '{"time": "2026-11-26T09:00:00Z", "level": "INFO", "logger": "a", "message": "b", "n": 1}'
    )
    lines = shaped(
        f"2026-11-26 09:00:00 +0000 - dagster - DEBUG - {ours}\n\n"
        "WARNING:  Invalid HTTP request received.\n"
        f"\x1b[0m09:00:00  1 of 3 OK created {CODE}\x1b[0m\n" + '{"a": 1}\n[]\n{\nlast'
    )
    assert lines[0] == {
        "time": "2026-11-26T09:00:00Z", "level": "INFO", "logger": "a", "message": "b", "n": 1,
    }  # fmt: skip
    assert [(one["level"], one["message"]) for one in lines[1:]] == [
        ("WARNING", "Invalid HTTP request received."),
        ("INFO", "09:00:00  1 of 3 OK created (withheld)"),
        ("INFO", '{"a": 1}'),
        ("INFO", "[]"),
        ("INFO", "{"),
        ("INFO", "last"),
    ]


def test_a_traceback_is_one_line_without_its_values() -> None:
    detail = f"LINE 1: {NAME}\n    ^\nDETAIL:  Key (name)=({NAME})\n"
    before, cause, _, caught, after = shaped(f"a\n{TRACEBACK}KeyError: '{NAME}'\n{detail}b\n")
    assert (before["message"], after["message"]) == ("a", "b")
    assert cause["level"] == caught["level"] == "ERROR"
    assert cause["exception"]["type"] == "ValueError"
    assert caught["exception"] == {
        "type": "KeyError",
        "at": 'File "/opt/b.py", line 3, in work',
    }


def test_an_error_may_have_any_name() -> None:
    *_, caught = shaped(f"{TRACEBACK}StopIteration\n")
    assert caught["exception"]["type"] == "StopIteration"


@pytest.mark.parametrize("end", ["", "no error\n"])
def test_a_traceback_that_does_not_end_is_told_all_the_same(end: str) -> None:
    _, _, cut, *_ = shaped(TRACEBACK + end)
    assert cut["exception"]["type"] == "unknown"


def test_our_own_errors_keep_their_words() -> None:
    kind = "vtj_pipeline.errors.SettingsError"
    *_, caught = shaped(f"{TRACEBACK}{kind}: VTJ_API_URL: must start with https://\n")
    assert caught["exception"]["type"] == kind
    assert caught["exception"]["message"] == "VTJ_API_URL: must start with https://"


def test_dagsters_json_is_renamed_and_its_traces_are_left_out() -> None:
    event = (
        "Sensor daemon caught an error for sensor x : dagster.SensorExecutionError: Error occurred"
        "\\n\\nStack Trace:\\n  File a\\n\\nThe above exception was caused by:\\n"
        f"psycopg2.errors.UniqueViolation: {NAME}\\n"
    )
    more = f""", "exc_info": ["<class 'KeyError'>", "KeyError('{NAME}')", "<traceback>"]"""
    sensor, raised, quoted = shaped(
        DAGSTERS.format(event=event, more="")
        + "\n"
        + DAGSTERS.format(event="Failed", more=more)
        + "\n"
        + DAGSTERS.format(event=f"Failed: ValueError: {NAME}", more="")
        + "\n"
    )
    assert sensor == {
        "time": "2026-11-26T09:00:00.123456Z",
        "level": "ERROR",
        "logger": "dagster.daemon",
        "message": "Sensor daemon caught an error for sensor x : dagster.SensorExecutionError: "
        "Error occurred",
        "exception": {"type": "psycopg2.errors.UniqueViolation"},
    }
    assert raised["exception"] == {"type": "KeyError"}
    assert quoted["message"] == "Failed: ValueError"


def test_it_ends_with_its_writers_and_not_by_a_signal() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "vtj_pipeline.logs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("first\n")
        assert "first" in process.stdout.readline()
        for number in (signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        process.stdin.write("last\n")
        process.stdin.close()
        assert "last" in process.stdout.read()
        assert process.wait(20) == 0
