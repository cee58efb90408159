"""When assets that nobody asked for run by themselves.

Add conditions here. Keep out schedules (`jobs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import dagster as dg


def catch_up(watched: Sequence[dg.AssetKey] = ()) -> dg.AutomationCondition[dg.AssetKey]:
    """Run once what stands left of it has changed and is at rest.

    Unlike Dagster's eager condition it does not wait for every partition to be there: what is
    landed is applied, whatever is still missing.

    Args:
        watched: Assets that it cannot depend on, since they depend on it, and after whose every
            new data version it runs all the same.
    """
    eager = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())
    # The UI shows the label, and `eager` would promise something else.
    condition: dg.AutomationCondition[dg.AssetKey] = eager.with_label("catch_up")
    for key in watched:
        condition |= _after_new_version(key)
    return condition


def afterwards() -> dg.AutomationCondition[dg.AssetKey]:
    """Run once what stands left of it has been made and is at rest, in a run of its own.

    `catch_up` asks for an asset in one run with what stands left of it, which would fail with it.
    """
    made = dg.AutomationCondition.any_deps_match(dg.AutomationCondition.newly_updated())
    mine = dg.AutomationCondition.newly_requested() | dg.AutomationCondition.newly_updated()
    at_rest = ~dg.AutomationCondition.any_deps_in_progress() & ~dg.AutomationCondition.in_progress()
    condition = (made.since(mine) & at_rest).with_label("afterwards")
    return cast("dg.AutomationCondition[dg.AssetKey]", condition)


def _after_new_version(key: dg.AssetKey) -> dg.AutomationCondition[dg.AssetKey]:
    # Only a request ends the wait: a run that made both assets made the watched one last.
    changed = dg.AutomationCondition.asset_matches(
        key, dg.AutomationCondition.data_version_changed()
    ).since(dg.AutomationCondition.newly_requested())
    at_rest = ~dg.AutomationCondition.any_deps_in_progress() & ~dg.AutomationCondition.in_progress()
    return (changed & at_rest).with_label(f"after_{'_'.join(key.path)}")
