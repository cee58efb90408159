"""One line of the doctor's. Keep out the checks (`doctor.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        check: What it is about.
        tried: What was done to find out.
        result: `ok`; `warn`, it works and somebody should look; `fail`, it does not work.
        found: What came.
        to_do: What to do; empty if nothing.
    """

    check: str
    tried: str
    result: Result
    found: str
    to_do: str = ""
