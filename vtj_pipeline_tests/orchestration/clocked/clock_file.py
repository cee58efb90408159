"""The present moment as a file tells it, for processes whose clock a test sets."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

VARIABLE = "CLOCK_FILE"
"""Names the file in the environment of the processes."""
WITHOUT_AUTOMATION = "WITHOUT_AUTOMATION"
"""Set in it where nothing is to follow by itself, such as the views, a minute each time."""


def read_clock() -> datetime:
    """The moment that the file tells; it stands until it is set."""
    return datetime.fromisoformat(Path(os.environ[VARIABLE]).read_text("ascii"))


def set_clock(file: Path, moment: datetime) -> None:
    """Tell another moment, so that a reader finds either."""
    new = file.with_suffix(".new")
    new.write_text(moment.isoformat(), "ascii")
    new.replace(file)
