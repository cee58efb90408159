"""Many customers on one Dagster: the same night of all of them at once, night after night.

All of it is real, in processes of its own: PostgreSQL (which does not wait for the disk), a sandbox
that all of them ask, daemon, UI, and a code server for each customer; runs are launched as the UI
launches them. Keep out how the services are started (`customers/services.py` of the tests).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import set_clock
from vtj_pipeline_tests.customers.place import Place, running_place
from vtj_pipeline_tests.customers.services import (
    TOWN,
    Run,
    Services,
    point_at_source,
    running_services,
)
from vtj_pipeline_tests.orchestration.ui import ask
from vtj_pipeline_tests.sandbox.served import sandbox_process

_LOOK_SECONDS = 2.0
_ENDED = ("SUCCESS", "FAILURE", "CANCELED")
_MADE = """query($keys: [AssetKeyInput!]) { assetNodes(assetKeys: $keys) { assetKey { path }
assetMaterializations(limit: 1) { timestamp } } }"""
# Each is made of the one before it.
_CHAIN = (("register", "person"), ("statistics", "population"))
Say = Callable[[str], None]


@dataclass(frozen=True)
class Night:
    """One night of all customers, in seconds from the moment in which it was asked for.

    Attributes:
        published: Until the last customer's register was published.
        median: Until half of them were.
        views: Until the views of all had followed.
        waited: The longest that a run was in the queue.
        runs: Of all customers, those that followed by themselves too.
    """

    night: str
    published: float
    median: float
    views: float
    waited: float
    runs: int


@dataclass(frozen=True)
class Customers:
    """What so many customers took.

    Attributes:
        seconds: Of all nights.
        longest_wait: Of a customer, from a night's beginning to its published register.
        before: What came before, in seconds.
        daemon_bytes: Most resident memory of the daemon.
        webserver_bytes: Of the UI.
        code_bytes: Of all code servers and runs together, shared pages as often as they are shared.
        code_server_bytes: Of one code server, on average, at the end.
    """

    customers: int
    persons: int
    nights: list[Night]
    seconds: float
    longest_wait: float
    runs: int
    before: dict[str, float]
    daemon_bytes: int
    webserver_bytes: int
    code_bytes: int
    code_server_bytes: int


def customers(number: int, persons: int, nights: int, logs: Path, say: Say) -> Customers:
    """Measure the nights of so many customers.

    Args:
        number: Customers.
        persons: Of each.
        nights: The last one is yesterday's.
        logs: A folder for what the processes say.
        say: Takes a line when something begins.

    Raises:
        RuntimeError: a run failed.
    """
    names = [f"c{one:03}" for one in range(1, number + 1)]
    first = today_in_finland() - timedelta(days=nights)
    before: dict[str, float] = {}
    with ExitStack() as stack:
        place = stack.enter_context(running_place())
        with _timed("customers added", before, say):
            for name in names:
                place.add(name)
        with _timed("sandbox", before, say):
            days = {"start": first.isoformat(), "clock": first.isoformat(), "days": nights}
            world = sandbox_process(persons=persons, wellbeing_area="11", **days)
            _, url = stack.enter_context(world)
        services = stack.enter_context(running_services(place, logs))
        with _timed("services", before, say):
            _start(services, place, names, url, first)
        with _timed("baselines and first views", before, say):
            asked = time.time()
            launched = [services.launch(name, f"{TOWN}_baseline") for name in names]
            _done(services, launched, asked)
            _until_followed(services, names, asked)
        set_clock(url, today_in_finland())
        with _Memory(services, names) as memory:
            done = [_night(services, names, first + timedelta(days=one), say)
                    for one in range(nights)]  # fmt: skip
            memory.look()
        return Customers(
            customers=number,
            persons=persons,
            nights=done,
            seconds=sum(one.views for one in done),
            longest_wait=max(one.published for one in done),
            runs=sum(one.runs for one in done),
            before=before,
            daemon_bytes=memory.daemon,
            webserver_bytes=memory.webserver,
            code_bytes=memory.code,
            code_server_bytes=memory.code_at_rest // number,
        )


def told(done: Customers) -> Iterator[str]:
    """The figures for people."""
    yield (
        f"{done.customers} customers of {done.persons:,} persons for {len(done.nights)} nights: "
        f"{done.seconds:.1f} s, {done.runs} runs in all; the longest that a customer waited for "
        f"its register {done.longest_wait:.1f} s"
    )
    yield "before it: " + ", ".join(f"{name} {one:.1f} s" for name, one in done.before.items())
    for one in done.nights:
        yield (
            f"  {one.night}: registers after {one.published:.1f} s (half of them "
            f"{one.median:.1f} s), views {one.views:.1f} s; longest in the queue {one.waited:.1f} s"
        )
    yield (
        f"at most {done.daemon_bytes / 1e9:.2f} GB of the daemon, {done.webserver_bytes / 1e9:.2f} "
        f"GB of the UI, {done.code_bytes / 1e9:.2f} GB of code servers and runs; a code server at "
        f"rest {done.code_server_bytes / 1e9:.3f} GB"
    )


def _start(services: Services, place: Place, names: list[str], url: str, first: date) -> None:
    for name in names:
        point_at_source(place, name, url, first)
        services.start_code(name)
        # One after another: each loads the program, and all at once none would be ready in time.
        socket = place.customer(name).socket
        services.until(f"code of {name}", socket.exists)
    services.start_shared()
    services.until_loaded(set(names))


def _night(services: Services, names: list[str], night: date, say: Say) -> Night:
    say(f"night of {night} …")
    asked = time.time()
    launched = [services.launch(name, f"{TOWN}_night", night) for name in names]
    ended = sorted(run.stats["endTime"] - asked for run in _done(services, launched, asked))
    _until_followed(services, names, asked)
    runs = services.runs(asked).values()
    return Night(
        night=night.isoformat(),
        published=ended[-1],
        median=median(ended),
        views=time.time() - asked,
        waited=max(one.stats["launchTime"] - one.stats["enqueuedTime"] for one in runs),
        runs=len(runs),
    )


def _done(services: Services, launched: list[str], asked: float) -> list[Run]:
    """Wait for the end of runs that were launched after a moment.

    Raises:
        RuntimeError: one failed.
    """
    wanted = set(launched)
    while True:
        time.sleep(_LOOK_SECONDS)
        runs = [run for run_id, run in services.runs(asked).items() if run_id in wanted]
        failed = [run for run in runs if run.status in _ENDED[1:]]
        if failed:
            msg = f"runs failed: {failed}"
            raise RuntimeError(msg)
        if len(runs) == len(wanted) and all(run.status in _ENDED for run in runs):
            return runs


def _until_followed(services: Services, names: list[str], asked: float) -> None:
    """Wait until every customer's views were made after its register, and nothing is under way."""
    while True:
        time.sleep(_LOOK_SECONDS)
        if all(run.status in _ENDED for run in services.runs(asked).values()):
            made = _made(services, names)
            moments = [[asked, *(made.get((name, *key), 0.0) for key in _CHAIN)] for name in names]
            if all(0.0 not in one[1:] and one == sorted(one) for one in moments):
                return


def _made(services: Services, names: list[str]) -> dict[tuple[str, ...], float]:
    keys = [{"path": [name, *key]} for name in names for key in _CHAIN]
    found: list[dict[str, Any]] = ask(services.client, _MADE, keys=keys)["assetNodes"]
    return {
        tuple(one["assetKey"]["path"]): float(one["assetMaterializations"][0]["timestamp"]) / 1000
        for one in found
        if one["assetMaterializations"]
    }


@contextmanager
def _timed(part: str, seconds: dict[str, float], say: Say) -> Iterator[None]:
    say(f"{part} …")
    started = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - started


class _Memory:
    """The most memory that the processes had, looked at again and again."""

    def __init__(self, services: Services, names: list[str]) -> None:
        self.daemon = self.webserver = self.code = self.code_at_rest = 0
        self._services, self._names = services, names
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        self.daemon = max(self.daemon, self._of("daemon"))
        self.webserver = max(self.webserver, self._of("webserver"))
        self.code_at_rest = sum(self._of(name) for name in self._names)
        self.code = max(self.code, self.code_at_rest)

    def _of(self, name: str) -> int:
        total = 0
        for one in self._services.tree(name):
            with suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
        return total

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            with suppress(psutil.NoSuchProcess):
                self.look()
