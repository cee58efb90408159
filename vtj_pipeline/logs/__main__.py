"""`python -m vtj_pipeline.logs`: standard input, shaped, to standard output until its end.

It ends when nobody is left who could write, not by a signal: what a process says when it is ended
must come through, too. Keep out how lines are shaped (`lines.py`).
"""

from __future__ import annotations

import signal
import sys

from vtj_pipeline.logs.lines import shaped


def main() -> None:
    """Shape line by line, each at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in shaped(sys.stdin):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
