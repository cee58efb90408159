"""Days in Finland, as partitions.

Days and nothing finer: the source's journal can be entered by day (contract §2.1), and the hours
of a day are no unit that anybody asks for.
"""

from __future__ import annotations

from datetime import date

import dagster as dg

from vtj_pipeline.clock import HELSINKI


def days_from(start: date, *, with_today: bool = False) -> dg.DailyPartitionsDefinition:
    """One partition for each day in Finland from `start` until yesterday, or today."""
    return dg.DailyPartitionsDefinition(
        start_date=start.isoformat(), timezone=HELSINKI.key, end_offset=int(with_today)
    )
