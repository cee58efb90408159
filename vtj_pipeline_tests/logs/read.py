"""Logs as a machine reads them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from vtj_pipeline_tests.end_to_end.homes import identity_codes

LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
Line = dict[str, Any]


def read(text: str) -> list[Line]:
    """The lines of a log, each a JSON object with what every line has, and nobody's code."""
    found: list[Line] = []
    for written in text.splitlines():
        line = json.loads(written)
        assert datetime.fromisoformat(line["time"]).tzname() == "UTC", written
        assert line["level"] in LEVELS, written
        assert line["logger"] and isinstance(line["message"], str), written
        found.append(line)
    assert identity_codes(text) == []
    return found


def messages(lines: list[Line]) -> list[str]:
    """What the lines say."""
    return [line["message"] for line in lines]
