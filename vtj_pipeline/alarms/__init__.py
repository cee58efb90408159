"""Telling people what they should know: alarms, and the ways that they take out of the house.

Add another way of telling as a `Notifier` here and in `configured.py`. Keep out what is an alarm
and when (`orchestration/alarms/`), dagster, and personal data.
"""

from vtj_pipeline.alarms.alarm import Alarm, Severity
from vtj_pipeline.alarms.configured import UNCONFIGURED, are_notifiers_named, notifiers_of
from vtj_pipeline.alarms.notifier import Notifier, Receipt, Told, tell_all
from vtj_pipeline.alarms.telling import Due, Memory, Outcome, tell_due

__all__ = [
    "UNCONFIGURED",
    "Alarm",
    "Due",
    "Memory",
    "Notifier",
    "Outcome",
    "Receipt",
    "Severity",
    "Told",
    "are_notifiers_named",
    "notifiers_of",
    "tell_all",
    "tell_due",
]
