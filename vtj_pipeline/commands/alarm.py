"""`vtj-pipeline alarm test`: does an alarm arrive.

Keep out how it is told (`alarms/`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from vtj_pipeline.alarms import UNCONFIGURED, Alarm, Severity, notifiers_of, tell_all
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import AlarmNotSent, SettingsError
from vtj_pipeline.settings import load_settings


def run_test() -> None:
    """Tell a test alarm by every notifier, and say what came of it.

    Raises:
        SettingsError: there is none, or the settings are wrong.
        AlarmNotSent: one of them failed, or not everybody gets it.
    """
    settings = load_settings()
    notifiers = notifiers_of(settings)
    if not notifiers:
        raise SettingsError(UNCONFIGURED)
    told = tell_all(notifiers, _test_alarm(datetime.now(UTC), settings.ui_url))
    for one in told:
        say(f"{'ok  ' if one.is_complete else 'fail'} {one.said}")
    failed = [one.notifier.name for one in told if not one.is_complete]
    if failed:
        msg = f"{len(failed)} of {len(told)} ways to tell an alarm failed: {', '.join(failed)}."
        raise AlarmNotSent(msg)
    say("Now look whether it has arrived.")


def _test_alarm(now: datetime, ui_url: str | None) -> Alarm:
    return Alarm(
        kind="test",
        severity=Severity.WARN,
        title="Test of alarms",
        what="Somebody asked for this message: vtj-pipeline alarm test. Nothing is wrong.",
        where="vtj-pipeline",
        to_do="Nothing. Alarms arrive where you read this.",
        at=now,
        incidents=("test",),
        key=f"test/{now.isoformat()}",
        link=ui_url,
    )
