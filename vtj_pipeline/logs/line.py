"""One line of the log: its fields, and what is left out of them.

Add a field here. Keep out where the lines come from.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

WITHHELD = "(withheld)"
OURS = "vtj_pipeline."
# As a personal identity code is written: day, month, year, sign of the century, number, and a
# character that the digits make (contract §6).
_CODE = re.compile(r"(?=([0-9]{6})[-+A-FU-Y]([0-9]{3})([0-9A-Y]))", re.IGNORECASE)
_LENGTH = 11
_MADE_OF_DIGITS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def without_codes(text: str) -> str:
    """The text with what looks like a personal identity code withheld.

    A word of its own need not be a right one. Inside a longer word it has to be, or each identifier
    of a run would lose a part now and then.
    """
    kept, done = [], 0
    for found in _CODE.finditer(text):
        start = found.start()
        if start >= done and (_is_a_word(text, start) or _is_right(found)):
            kept += [text[done:start], WITHHELD]
            done = start + _LENGTH
    return "".join([*kept, text[done:]])


def _is_a_word(text: str, start: int) -> bool:
    around = text[max(0, start - 1) : start] + text[start + _LENGTH : start + _LENGTH + 1]
    return not any(one.isalnum() for one in around)


def _is_right(found: re.Match[str]) -> bool:
    digits, number, last = found.groups()
    is_day = 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12
    return is_day and _MADE_OF_DIGITS[int(digits + number) % 31] == last.upper()


def fault(kind: str, message: str = "", at: str | None = None) -> dict[str, str]:
    """The field `exception`: its class, and its words where the program raised it on purpose.

    Errors of others may quote what they stumbled over, and so have no words here.

    Args:
        kind: The class, with its module.
        message: What it says.
        at: Where it was raised: file, line and function.
    """
    said = message.strip() if kind.startswith(OURS) else ""
    return {"type": kind, **({"message": said} if said else {}), **({"at": at} if at else {})}


def as_line(
    level: str, logger: str, message: str, *, time: datetime | str | None = None, **more: object
) -> str:
    """One JSON object: time, level, logger, message, and what else is known.

    Args:
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        logger: Who says it.
        message: What is said.
        time: When, UTC; without it, now.
        more: Further fields; those that are None or empty are left out.
    """
    if not isinstance(time, str):
        time = (time or datetime.now(UTC)).isoformat(timespec="milliseconds")
    fields = {
        "time": time.replace("+00:00", "Z"),
        "level": level,
        "logger": logger,
        "message": message.strip(),
        **{name: value for name, value in more.items() if value not in (None, "", {})},
    }
    return without_codes(json.dumps(fields, ensure_ascii=False, default=str))
