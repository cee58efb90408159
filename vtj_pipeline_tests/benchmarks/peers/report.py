"""The peers beside this project as tables.

Keep out measuring (`run.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vtj_pipeline_tests.benchmarks.national import DAY_PAGES, DAY_PUBLISH, PAGES, PUBLISH, Run
from vtj_pipeline_tests.benchmarks.national_report import console, megabytes, table
from vtj_pipeline_tests.benchmarks.peers.cases import CASES, OURS
from vtj_pipeline_tests.benchmarks.peers.run import PeerRun

_HEADINGS = (
    "who", "persons", "first rows", "first load", "peak", "PostgreSQL",
    "day's rows", "the day", "times ours", "peak", "PostgreSQL",
)  # fmt: skip
# What peers are spared: pages read, persons told apart, histories replayed.
_OURS_FIRST, _OURS_DAY = (PAGES, PUBLISH), (DAY_PAGES, DAY_PUBLISH)


def show_peers(runs: Sequence[Run], peers: Sequence[PeerRun], verdicts: Mapping[str, str]) -> None:
    """Print what each took, and which of the hard cases each gets how right."""
    out = console()
    out.print(table(_HEADINGS, [*map(_ours, runs), *(_cells(peer, runs) for peer in peers)]))
    for configured in dict.fromkeys(f"  {peer.name}: {peer.configured}" for peer in peers):
        out.print(configured)
    out.print(table(("who", *(case.name for case in CASES)), _judged(peers, verdicts)))


def _judged(peers: Sequence[PeerRun], verdicts: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    everyone = {OURS: verdicts, **{peer.name: peer.verdicts for peer in peers}}
    for name, told in everyone.items():
        yield (name, *(told.get(case.name, "–") for case in CASES))


def _ours(run: Run) -> tuple[str, ...]:
    first = [run.step(name) for name in _OURS_FIRST]
    day = [run.step(name) for name in _OURS_DAY]
    return (
        f"{OURS}, from landed pages",
        f"{run.landed.persons:,}",
        f"{first[1].rows:,}",
        f"{sum(step.seconds for step in first):.1f} s",
        megabytes(max(step.peak_bytes for step in first)),
        megabytes(max(step.postgres_bytes for step in first)),
        f"{day[1].rows:,}",
        f"{sum(step.seconds for step in day):.1f} s",
        "1.0",
        megabytes(max(step.peak_bytes for step in day)),
        megabytes(max(step.postgres_bytes for step in day)),
    )


def _cells(peer: PeerRun, runs: Sequence[Run]) -> tuple[str, ...]:
    same = (run for run in runs if run.landed.persons == peer.persons)
    ours = sum(run.step(name).seconds for run in same for name in _OURS_DAY)
    return (
        peer.name,
        f"{peer.persons:,}",
        f"{peer.first.rows:,}",
        f"{peer.first.seconds:.1f} s",
        megabytes(peer.first.peak_bytes),
        megabytes(peer.first.postgres_bytes),
        f"{peer.day.rows:,}",
        f"{peer.day.seconds:.1f} s",
        f"{peer.day.seconds / ours:.1f}" if ours else "–",
        megabytes(peer.day.peak_bytes),
        megabytes(peer.day.postgres_bytes),
    )
