"""One evaluation of an alarm's sensor: what each notifier has told is kept in the cursor.

The cursor is written after telling, so that a daemon that dies between tells again rather than
never; receivers can see by the alarm's id that it is the same. Keep out what is due.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.alarms import UNCONFIGURED, Due, Memory, notifiers_of, tell_due
from vtj_pipeline.errors import AlarmNotSent

if TYPE_CHECKING:
    from vtj_pipeline.alarms import Outcome
    from vtj_pipeline.settings import Settings

# Dagster gives a sensor 60 seconds; a notifier that hangs may take half of them.
_SECONDS = 20.0


def tell_in_tick(
    context: dg.SensorEvaluationContext,
    settings: Settings,
    due: Callable[[Memory | None], Iterator[Due]],
) -> dg.SensorResult | dg.SkipReason:
    """Tell by every notifier what is due to it, and remember it.

    Args:
        context: Of the sensor; its cursor holds the notifiers' memories.
        settings: Name the notifiers.
        due: What is due to a notifier with such a memory, in order.

    Raises:
        AlarmNotSent: a notifier failed and nothing else was told or remembered, so that the tick
            is red in the UI. All of it is tried again at the next tick.
        SettingsError: a notifier's settings cannot be used.
    """
    notifiers = notifiers_of(settings)
    if not notifiers:
        return dg.SkipReason(UNCONFIGURED)
    before = _memories(context.cursor)
    ends = time.monotonic() + _SECONDS
    outcome = tell_due(notifiers, before, due, lambda: time.monotonic() >= ends)
    for one in outcome.told:
        log = context.log.info if one.is_complete else context.log.warning
        log("%s", one.said)
    if outcome.failures and outcome.memories == before:
        raise AlarmNotSent(_said(outcome))
    return dg.SensorResult(skip_reason=_said(outcome), cursor=json.dumps(outcome.memories))


def _memories(cursor: str | None) -> dict[str, Memory]:
    memories: dict[str, Memory] = json.loads(cursor) if cursor else {}
    return memories


def _said(outcome: Outcome) -> str:
    sent = len(outcome.told) - len(outcome.failures)
    said = f"{sent} messages sent." if outcome.told else "Nothing to tell."
    if outcome.is_cut:
        said += " There is more to tell at the next tick."
    if outcome.failures:
        failed = " ".join(one.said for one in outcome.failures)
        said += f" Not sent, and tried again at the next tick: {failed}"
    return said
