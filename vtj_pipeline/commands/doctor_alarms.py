"""The doctor's checks of alarms: whether anybody is told, and whether the way is open.

Nothing is told here: `vtj-pipeline alarm test` does. Keep out the other checks (`doctor.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vtj_pipeline.alarms import UNCONFIGURED, notifiers_of
from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.errors import VtjError

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings


def alarm_findings(settings: Settings) -> Iterator[Finding]:
    """Each way of telling, as far as it can be gone without telling anything."""
    tried = "read VTJ_ALARM_*"
    try:
        notifiers = notifiers_of(settings)
    except VtjError as error:
        yield Finding("alarms", tried, "fail", str(error), "Correct what it names.")
        return
    if not notifiers:
        yield Finding("alarms", tried, "warn", "no way to tell is named", UNCONFIGURED)
    for one in notifiers:
        tried = f"reach the {one.target}"
        try:
            one.reach()
        except VtjError as error:
            yield Finding("alarms", tried, "fail", str(error), "Correct what it names.")
        else:
            yield Finding("alarms", tried, "ok", "reached; vtj-pipeline alarm test sends a message")
