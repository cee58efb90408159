"""The doctor's checks of Dagster: its storage, and whether its daemon is alive.

Keep out the other checks (`doctor.py`) and how Dagster is asked (`orchestration/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vtj_pipeline.alarms import are_notifiers_named
from vtj_pipeline.commands.finding import Finding, Result
from vtj_pipeline.orchestration.daemon import DaemonState, daemon_state
from vtj_pipeline.orchestration.instance import dagster_instance

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database

_START = (
    "Start vtj-pipeline dev, or vtj-pipeline serve daemon as a service that is started again when "
    "it ends (deploy/systemd): without it no schedule, sensor, alarm or backfill does anything; "
    "vtj-pipeline run does."
)
_RESTART = "See the daemon's own log, and start it again: parts of its work stand still meanwhile."


def dagster_findings(deployment: Deployment, database: Database) -> Iterator[Finding]:
    """Dagster's storage, and its daemon if that can be read."""
    tried = f"open the instance under {deployment.settings.home / 'dagster'}"
    try:
        with dagster_instance(deployment, database) as instance:
            pools = len(instance.event_log_storage.get_pool_limits())
            runs = instance.get_runs_count()
            state = daemon_state(instance)
    except Exception as error:  # whatever Dagster's storage raises is the finding
        to_do = "See that no other version of Dagster has used the schema dagster."
        yield Finding("dagster", tried, "fail", type(error).__name__, to_do)
        return
    yield Finding("dagster", tried, "ok", f"{pools} pools limited, {runs} runs kept")
    yield _daemon(state, has_alarms=are_notifiers_named(deployment.settings))


def _daemon(state: DaemonState, *, has_alarms: bool) -> Finding:
    tried = "read the daemon's heartbeats in the instance's storage"
    if state.last_heartbeat is None:
        found = "no daemon has run here"
    else:
        found = f"the last heartbeat came at {state.last_heartbeat:%Y-%m-%d %H:%M:%S} UTC"
    if state.turned_on:
        found += f", {state.turned_on} schedules and sensors are turned on"
    if has_alarms:
        found += ", alarms are to be told"
    if not state.is_alive:
        # Who does everything by the command line needs none, but to be told of it.
        result: Result = "fail" if state.turned_on or has_alarms else "warn"
        return Finding("daemon", tried, result, found, _START)
    wrong = sorted({*state.silent, *state.troubled})
    if wrong:
        return Finding("daemon", tried, "warn", f"{found}; not well: {', '.join(wrong)}", _RESTART)
    return Finding("daemon", tried, "ok", found)
