"""Days in Finland, as partitions.

Days and nothing finer: the source's journal can be entered by day (contract §2.1), and the hours
of a day are no unit that anybody asks for.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

HELSINKI = ZoneInfo("Europe/Helsinki")


def days_from(start: date) -> dg.DailyPartitionsDefinition:
    """One partition for each day in Finland from `start` until yesterday."""
    return dg.DailyPartitionsDefinition(start_date=start.isoformat(), timezone=HELSINKI.key)


def today_in_finland() -> date:
    """The day that it is in Finland now."""
    return datetime.now(HELSINKI).date()
