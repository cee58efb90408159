"""Dagster's daemon as its command runs it, but for its scheduler, which goes by a file's clock.

Queue, sensors, automation and monitoring go by the clock of the machine.
"""

from __future__ import annotations

from datetime import UTC, datetime

from dagster._daemon.cli import run_command
from dagster._scheduler import scheduler

from vtj_pipeline_tests.orchestration.clocked.clock_file import read_clock

DEFINITIONS = "vtj_pipeline_tests.orchestration.clocked.definitions"


def _now(tz: str = "UTC") -> datetime:
    assert tz == "UTC"
    return read_clock().astimezone(UTC)


def _timestamp() -> float:
    return read_clock().timestamp()


def main() -> None:
    """Run until ended."""
    scheduler.get_current_datetime = _now
    scheduler.get_current_timestamp = _timestamp
    run_command(["--log-level", "warning", "-m", DEFINITIONS])


if __name__ == "__main__":
    main()
