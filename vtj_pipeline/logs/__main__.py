"""`python -m vtj_pipeline.logs`: standard input, shaped, to standard output until its end.

It ends when nobody is left who could write, not by a signal: what a process says when it is ended
must come through, too. Keep out how lines are shaped (`lines.py`).
"""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper

from vtj_pipeline.logs.lines import shaped


def main() -> None:
    """Shape line by line, each at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # Whatever the locale says, and however broken a line of others is.
    lines = TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    for line in shaped(lines):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
