"""A backfill of many days as a user starts it: from the dialog to the views that have followed.

The source is the sandbox, the pipeline `vtj-pipeline dev` with everything it starts, each processes
of their own; the days are asked for through the API of the UI. Keep out what is told of runs
(`dagster_runs.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import psutil

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline_tests.benchmarks.dagster_runs import UNFINISHED, Kind, Run, by_kind, runs_after
from vtj_pipeline_tests.benchmarks.measure import Sampler
from vtj_pipeline_tests.end_to_end.developing import dev
from vtj_pipeline_tests.end_to_end.homes import Home, subscriptions_of_area
from vtj_pipeline_tests.orchestration.ui import ask, launch_backfill
from vtj_pipeline_tests.sandbox.served import sandbox_process

NAME = "area"
_LOOK_SECONDS = 2.0
_BAD = ("FAILURE", "CANCELED")
_BACKFILL = """query($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status error { message } } ... on PythonError { message } } }"""
_MADE = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(limit: 1) { timestamp } } } }"""
# Each is made of the one before it.
_CHAIN = ([NAME, "daily_changes"], ["register", "person"], ["statistics", "population"])
_FIGURES = (
    "select (select sum(answered) from ledger.landing_batch where kind = 'change'), "
    "(select count(distinct partition_day) from ledger.landing_batch where completes_partition "
    "and kind = 'change'), (select count(*) from register.person), "
    "(select count(*) from ledger.landing_batch as b where not exists (select 1 from "
    "register.applied_batch as a where a.batch_id = b.batch_id))"
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Backfill:
    """What a backfill took.

    Attributes:
        days: Partitions that were asked for and have landed.
        messages: Messages of changes in them.
        register_persons: Persons in the register at the end.
        seconds: From the launch to the end of the last run that follows from it.
        settled_seconds: Until Dagster says, too, that the backfill is done.
        before: What was done before, in seconds: the sandbox's world, the baseline, `dev`.
        days_a_run: Days in one run that lands them, on average.
        overhead_seconds: Of all runs, outside their steps.
        work_seconds: Of all runs, in their steps; runs may go on at once.
        kinds: The same by kind of run.
        peak_bytes: Most resident memory of `dev` and all that it starts, shared pages as often as
            they are shared.
        postgres_bytes: Most memory of the PostgreSQL server, shared pages counted once.
    """

    persons: int
    activity: float
    days: int
    messages: int
    register_persons: int
    seconds: float
    settled_seconds: float
    before: dict[str, float]
    days_a_run: float
    overhead_seconds: float
    work_seconds: float
    kinds: list[Kind]
    peak_bytes: int
    postgres_bytes: int


def backfill(persons: int, days: int, home: Path, say: Say, activity: float = 1.0) -> Backfill:
    """Measure the backfill of the last `days` days of a world of `persons`.

    Args:
        persons: Residents of the area at the start.
        days: Partitions, the last one yesterday.
        home: A folder of its own, with a short path; the log of `dev` is left beside it.
        say: Takes a line when something begins.
        activity: Multiplies what happens in the world, as the sandbox's option does.

    Raises:
        RuntimeError: a run failed, or not all has landed and been published.
    """
    today = today_in_finland()
    start = today - timedelta(days=days)
    watch = _Watch(say)
    with ExitStack() as stack:
        with watch.over("sandbox"):
            url = stack.enter_context(_source(persons, days, start, activity))
        place = _home(home, url, start)
        for part in ("baseline", "register", "views"):
            with watch.over(part):
                _command(place, "run", part)
        _set_clock(url, today)
        with watch.over("dev"):
            client = stack.enter_context(dev(place, home.parent / "dev.log"))
        keys = [(start + timedelta(days=number)).isoformat() for number in range(days)]
        say("backfill …")
        with Sampler(_dev_process(), place.path / "pg", _LOOK_SECONDS) as sampler:
            launched = time.time()
            backfill_id = launch_backfill(client, _CHAIN[0], keys, "benchmark")
            runs = _work_off(client, backfill_id, launched)
            settled = time.time() - launched
        ((messages, landed, register_persons, pending),) = place.rows(_FIGURES)
    if landed != days or pending:
        msg = f"{landed} of {days} days have landed, {pending} files are not published"
        raise RuntimeError(msg)
    kinds = by_kind(runs)
    (changes,) = (kind for kind in kinds if kind.kind == "changes")
    return Backfill(
        persons=persons,
        activity=activity,
        days=days,
        messages=int(messages),
        register_persons=register_persons,
        seconds=max(run.ended or 0.0 for run in runs) - launched,
        settled_seconds=settled,
        before=watch.seconds,
        days_a_run=days / changes.runs,
        overhead_seconds=sum(kind.overhead for kind in kinds),
        work_seconds=sum(kind.work for kind in kinds),
        kinds=kinds,
        peak_bytes=sampler.peak,
        postgres_bytes=sampler.postgres_peak,
    )


def told(done: Backfill) -> Iterator[str]:
    """The figures for people."""
    yield (
        f"{done.days:,} days for {done.persons:,} persons ({done.messages:,} messages, "
        f"{done.register_persons:,} persons at the end): {done.seconds:.1f} s from the launch to "
        f"the views, {done.settled_seconds:.1f} s until Dagster says so"
    )
    yield "before it: " + ", ".join(f"{name} {one:.1f} s" for name, one in done.before.items())
    yield (
        f"{sum(kind.runs for kind in done.kinds)} runs, {done.days_a_run:.1f} days a run of "
        f"changes; {done.overhead_seconds:.1f} s outside steps, {done.work_seconds:.1f} s in steps"
    )
    for kind in done.kinds:
        yield (
            f"  {kind.kind:<18} {kind.runs:4} runs, {kind.days:5} days, {kind.waited:8.1f} s in "
            f"the queue, {kind.overhead:8.1f} s outside steps, {kind.work:8.1f} s in steps"
        )
    yield (
        f"at most {done.peak_bytes / 1e9:.2f} GB of dev and its runs, "
        f"{done.postgres_bytes / 1e9:.2f} GB of PostgreSQL"
    )


class _Watch:
    """How long each part took that comes before what is measured."""

    def __init__(self, say: Say) -> None:
        self.seconds: dict[str, float] = {}
        self._say = say

    @contextmanager
    def over(self, part: str) -> Iterator[None]:
        """Time a part."""
        self._say(f"{part} …")
        started = time.perf_counter()
        yield
        self.seconds[part] = time.perf_counter() - started


@contextmanager
def _source(persons: int, days: int, start: date, activity: float) -> Iterator[str]:
    """The address of a sandbox whose clock stands at the day of the baseline."""
    life = {"persons": persons, "days": days, "activity": activity, "wellbeing_area": "11"}
    with sandbox_process(**life, start=start.isoformat(), clock=start.isoformat()) as (_, url):
        yield url


def _set_clock(url: str, today: date) -> None:
    with httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=3600) as client:
        client.post("/sandbox/clock", json={"today": today.isoformat()}).raise_for_status()


def _home(path: Path, url: str, start: date) -> Home:
    path.mkdir(parents=True)
    (path / "subscriptions.toml").write_text(subscriptions_of_area(NAME, start), "utf-8")
    login = {"VTJ_API_USERNAME": ACCOUNT[0], "VTJ_API_PASSWORD": ACCOUNT[1]}
    return Home(path, {"VTJ_API_URL": url, **login})


def _command(home: Home, *arguments: str) -> None:
    with home.start(*arguments) as process:
        output, _ = process.communicate()
    if process.returncode != 0:
        msg = f"{' '.join(arguments)} failed:\n{output}"
        raise RuntimeError(msg)


def _dev_process() -> int:
    """The process of `vtj-pipeline dev`, which this one has started."""
    (found,) = (one for one in psutil.Process().children() if "dev" in one.cmdline())
    return found.pid


def _work_off(client: httpx.Client, backfill_id: str, launched: float) -> list[Run]:
    """Wait until the backfill is done, all has followed and nothing is under way; its runs.

    Raises:
        RuntimeError: a run failed.
    """
    while True:
        time.sleep(_LOOK_SECONDS)
        state = ask(client, _BACKFILL, id=backfill_id)["partitionBackfillOrError"]
        runs = runs_after(client, launched)
        failed = [f"{run.kind} {run.run_id}" for run in runs if run.status in _BAD]
        if failed or state.get("status") not in ("REQUESTED", "COMPLETED_SUCCESS"):
            msg = f"the backfill is {state}; failed runs: {failed}"
            raise RuntimeError(msg)
        if (
            state["status"] == "COMPLETED_SUCCESS"
            and not any(run.status in UNFINISHED for run in runs)
            and _all_followed(client, launched)
        ):
            return runs


def _all_followed(client: httpx.Client, launched: float) -> bool:
    """Whether each asset of the chain was last made after the one that it is made of."""
    moments = [launched]
    for path in _CHAIN:
        node = ask(client, _MADE, key={"path": path})["assetNodeOrError"]
        made = node["assetMaterializations"]
        moments.append(float(made[0]["timestamp"]) / 1000 if made else 0.0)
    return moments == sorted(moments)
