"""The queue of runs that several customers share: each run says whose it is before it waits.

Dagster limits runs by their tags, and a run that somebody starts in the UI, a backfill or an asset
that follows by itself would have none. Keep out limits (`instance.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator

from vtj_pipeline.orchestration.deployment import CUSTOMER_TAG

if TYPE_CHECKING:
    from dagster import SubmitRunContext


class CustomersRunCoordinator(QueuedRunCoordinator):
    """Dagster's own queue; a run gets the name of its code location, which is its customer's."""

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Take a run into the queue, under its customer's name.

        Whatever its tags said before: a run that is started again has those of the first one.
        """
        run = context.dagster_run
        origin = run.remote_job_origin
        if origin is not None:
            customer = origin.repository_origin.code_location_origin.location_name
            self._instance.add_run_tags(run.run_id, {CUSTOMER_TAG: customer})
        return super().submit_run(context)
