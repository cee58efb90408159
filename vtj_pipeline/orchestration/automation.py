"""When assets that nobody asked for run by themselves.

Add conditions here. Keep out schedules (`jobs.py`).
"""

from __future__ import annotations

import dagster as dg


def catch_up() -> dg.AutomationCondition[dg.AssetKey]:
    """Run once what stands left of it has changed and is at rest.

    Unlike Dagster's eager condition it does not wait for every partition to be there: what is
    landed is applied, whatever is still missing.
    """
    return dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())
