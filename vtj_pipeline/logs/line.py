"""One line of the log: its fields, and what is left out of them.

Add a field here. Keep out where the lines come from.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

WITHHELD = "(withheld)"
OURS = "vtj_pipeline."
# As a personal identity code is written; wider than it need be, since nothing else is lost here.
_CODE = re.compile(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", re.IGNORECASE)


def without_codes(text: str) -> str:
    """The text with what looks like a personal identity code withheld."""
    return _CODE.sub(WITHHELD, text)


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
