"""Alarms and settings that several tests need."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vtj_pipeline.alarms import Alarm, Notifier, Severity, notifiers_of
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.alarms.mailbox import RECIPIENTS, SENDER


def alarm(**more: Any) -> Alarm:
    """Something that happened late in a Finnish evening's UTC."""
    return Alarm(
        **{
            "kind": "check_failed",
            "severity": Severity.ERROR,
            "title": "Check failed: kuopio/daily_changes chain_of_cursors",
            "what": "2026-11-20: nothing has landed.",
            "where": "asset kuopio/daily_changes",
            "to_do": "Materialise the days that it names.",
            "at": datetime(2026, 11, 22, 22, 30, tzinfo=UTC),
            "incidents": ("check/kuopio/daily_changes chain_of_cursors",),
            "key": "check/1",
            "counts": {"breaks": 1, "days": 1234.56},
            "link": "https://ui.example.fi/assets/kuopio/daily_changes",
            "run_id": "11112222-3333-4444-5555-666677778888",
            **more,
        }
    )


def mail_notifier(url: str, **more: Any) -> Notifier:
    """The notifier of settings that name a mail server."""
    settings = {
        "alarm_smtp_url": url,
        "alarm_email_from": SENDER,
        "alarm_email_to": RECIPIENTS,
        "alarm_timeout_seconds": 5,
        **more,
    }
    [notifier] = notifiers_of(Settings(**settings))
    return notifier
