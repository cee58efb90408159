"""Sensors that tell people of failed runs, failed checks and cursors that grow old.

Dagster's own run failure sensor is not used: it goes on behind a run whose alarm could not be
sent, and looks away from runs that the command line started. Add another cause of alarms as a
function of what is due (`tick.py` says how). Keep out how people are told (`vtj_pipeline/alarms/`)
and personal data: counts, names of assets, and our own errors' first lines are all that leaves.
"""

from vtj_pipeline.orchestration.alarms.sensors import alarm_sensors

__all__ = ["alarm_sensors"]
