"""Whether Dagster's daemon is alive, by the heartbeats that it leaves in the instance's storage.

Keep out what is advised (`commands/doctor_dagster.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dagster import DagsterInstance
from dagster._core.scheduler.instigation import InstigatorStatus

if TYPE_CHECKING:
    from collections.abc import Callable

# A daemon beats every 30 s, a busy one less often.
_ALIVE = timedelta(minutes=5)


@dataclass(frozen=True)
class DaemonState:
    """What the heartbeats tell.

    Attributes:
        last_heartbeat: The newest of any part; None if no daemon has ever run here.
        is_alive: Any part has beaten within minutes.
        silent: The parts that are needed and have not beaten for minutes.
        troubled: The parts whose last beat came with an error.
        turned_on: Schedules and sensors that somebody has turned on, and that wait for the daemon.
    """

    last_heartbeat: datetime | None
    is_alive: bool
    silent: tuple[str, ...]
    troubled: tuple[str, ...]
    turned_on: int


def daemon_state(
    instance: DagsterInstance, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> DaemonState:
    """Read the heartbeats of the parts of the daemon that the instance needs."""
    beats = instance.get_daemon_heartbeats()
    needed = sorted(instance.get_required_daemon_types())
    last = {name: datetime.fromtimestamp(one.timestamp, UTC) for name, one in beats.items()}
    oldest = clock() - _ALIVE
    states = instance.all_instigator_state()
    newest = max(last.values(), default=None)
    return DaemonState(
        last_heartbeat=newest,
        is_alive=newest is not None and newest >= oldest,
        silent=tuple(name for name in needed if name not in last or last[name] < oldest),
        troubled=tuple(name for name in needed if name in beats and beats[name].errors),
        turned_on=sum(one.status is InstigatorStatus.RUNNING for one in states),
    )
