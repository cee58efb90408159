"""A code location for the daemon with the alarms' sensors alone; the rest would take its time."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from vtj_pipeline.orchestration.alarms import alarm_sensors
from vtj_pipeline.orchestration.deployment import load_deployment

SPEC = dg.AssetCheckSpec(
    "quarantine",
    asset=dg.AssetKey(["register", "person"]),
    description="Fails. What to do: refresh.",
)
# It stands still, so that no morning comes between; what fails before has settled.
NOW = datetime.now(UTC) + timedelta(hours=1)

defs = dg.Definitions(sensors=alarm_sensors(load_deployment(), [SPEC], lambda: NOW))
