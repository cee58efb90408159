"""When an asset counts as fresh: the night has made it by the time that somebody looks.

Dagster judges an asset by when it was last made, whatever was made of it: a day of last month that
is fetched again makes `daily_changes` fresh. Which days are there is said by the check
`every_day_has_landed`. Keep out schedules (`jobs.py`).
"""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.orchestration.jobs import PROOF_CRON

# Midnight in Finland, before which yesterday cannot be fetched; an hour off when summer time turns.
_SINCE_MIDNIGHT = timedelta(hours=7)


def every_morning() -> dg.FreshnessPolicy:
    """Made since midnight in Finland, by the hour of the morning's checks."""
    return dg.FreshnessPolicy.cron(
        deadline_cron=PROOF_CRON,
        lower_bound_delta=_SINCE_MIDNIGHT,
        timezone=HELSINKI.key,
    )
