"""The process that makes JSON of what Dagster's processes write, whoever of them writes it.

Not all of it is logging: servers, dbt and the tracebacks of what ends badly write as they please.
Keep out how lines are shaped (`logs/`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO


def shaper() -> subprocess.Popen[bytes]:
    """Start `python -m vtj_pipeline.logs`, which writes to this process's standard output.

    It ends once nobody is left who could write to its standard input.
    """
    # Deaf to signals from its first moment: whatever ends the writers must not end it before them.
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        return subprocess.Popen([sys.executable, "-m", "vtj_pipeline.logs"], stdin=subprocess.PIPE)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def entrance(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """Where to write what shall be shaped."""
    assert process.stdin is not None
    return process.stdin


def write_into(process: subprocess.Popen[bytes]) -> None:
    """Let all that this process writes, and what it becomes, go through the shaper."""
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(entrance(process).fileno(), stream)
