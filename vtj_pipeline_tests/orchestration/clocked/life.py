"""What befalls a deployment night by night: its clock, its source, its daemon and its password.

Keep out what is expected of it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import IO

import dagster as dg
import httpx
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, InstigatorTick, TickStatus

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.orchestration.runs import UNFINISHED
from vtj_pipeline_tests.end_to_end.homes import Home
from vtj_pipeline_tests.orchestration.clocked.clock_file import VARIABLE, set_clock

# Of real time, and only until something is seen that should have been seen long ago.
PATIENCE = 600
_ENDED = (TickStatus.SUCCESS, TickStatus.SKIPPED, TickStatus.FAILURE)
_MODULE = "vtj_pipeline_tests.orchestration.clocked.daemon"


def moment(day: date, hour: int) -> datetime:
    """A second before the hour's next minute, so that the scheduler looks every second."""
    return datetime.combine(day, clock_time(hour, 15, 59), HELSINKI)


@dataclass
class Life:
    """A deployment, and all that is set from outside it.

    Attributes:
        home: Its home and environment.
        instance: Dagster's storage, seen from the test's process.
        source: The sandbox's own calls.
        clock: The file.
        log: Where the daemon writes.
    """

    home: Home
    instance: dg.DagsterInstance
    source: httpx.Client
    clock: Path
    log: Path
    _daemon: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def set_clock(self, day: date, hour: int) -> None:
        """It is so late, for the deployment as for the source."""
        self.live_until(day)
        set_clock(self.clock, moment(day, hour))

    def live_until(self, day: date) -> None:
        """What happens until a day begins has happened, as the source has it."""
        self.source.post("/sandbox/clock", json={"today": day.isoformat()}).raise_for_status()

    def fail(self, share: float) -> None:
        """The source answers this share of the calls with an error of X-Road."""
        faults = {"faults": {"error-xroad": share}, "most_faults_in_a_row": 1000}
        self.source.post("/sandbox/faults", json=faults).raise_for_status()

    @contextmanager
    def daemon(self, **more: str) -> Iterator[None]:
        """Dagster's daemon, with its code server and the runs that it starts.

        It is ended at rest: a morning's proof that began beside the night would be killed with it.
        """
        environment = {**self.home.environment, VARIABLE: str(self.clock), **more}
        with self.log.open("ab") as log:
            self._daemon = self._started(environment, log)
            try:
                # A schedule's first tick is one after the daemon has first seen it.
                self.wait(self._schedules, "the schedules")
                yield
                self.rest()
            finally:
                self._daemon.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    self._daemon.wait(60)
                self.home.kill_all()
                self._daemon.wait(60)

    def tick(self, schedule: str, day: date, hour: int) -> InstigatorTick:
        """What the daemon's tick of a schedule has come to, in the hour before a moment."""
        latest = moment(day, hour).timestamp()
        found: list[InstigatorTick] = []

        def evaluated() -> bool:
            found[:] = [
                tick
                for tick in self._ticks(schedule)
                if latest - 3600 < tick.timestamp <= latest and tick.status in _ENDED
            ]
            return bool(found)

        self.wait(evaluated, f"a tick of {schedule} on {day} at {hour}")
        assert found[0].status is not TickStatus.FAILURE, found[0].error
        return found[0]

    def hour(self, schedule: str, day: date, hour: int) -> None:
        """Let an hour come and all that it starts end; the source stays where it is."""
        set_clock(self.clock, moment(day, hour))
        self.tick(schedule, day, hour)
        self.rest()

    def rest(self) -> None:
        """Wait until no run is waiting or under way."""
        self.wait(
            lambda: not self.instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1),
            "the end of all runs",
        )

    def ended(self, run_id: str) -> dg.DagsterRun:
        """A run, once it has ended."""
        self.wait(lambda: self._run(run_id).status not in UNFINISHED, f"the end of run {run_id}")
        return self._run(run_id)

    def wait(self, seen: Callable[[], object], what: str) -> None:
        """Wait until something is seen."""
        deadline = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < deadline, f"waited in vain for {what}; see {self.log}"
            assert self._daemon is not None and self._daemon.poll() is None, "the daemon has ended"
            time.sleep(0.3)

    def _run(self, run_id: str) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run

    def _schedules(self) -> list[InstigatorState]:
        return list(self.instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE))

    def _ticks(self, schedule: str) -> list[InstigatorTick]:
        for state in self._schedules():
            if state.instigator_name == schedule:
                return list(
                    self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=20)
                )
        return []

    @staticmethod
    def _started(environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
