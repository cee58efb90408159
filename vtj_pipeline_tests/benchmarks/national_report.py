"""The runs of the national benchmark as tables, and two of them beside one another.

Keep out measuring (`national.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from vtj_pipeline_tests.benchmarks.national import (
    DAY_PAGES,
    DAY_PUBLISH,
    DAY_VIEWS,
    Run,
    Step,
)

HEADINGS = (
    "stage", "persons", "rows", "seconds", "CPU s", "its PostgreSQL", "persons/s", "rows/s", "peak",
    "PostgreSQL", "on disk", "limit", "limit s", "ratio",
)  # fmt: skip
_DAY = (DAY_PAGES, DAY_PUBLISH, DAY_VIEWS)


def show_runs(runs: list[Run]) -> None:
    """Print each run's stages, and what a day costs by the size of the register."""
    out = console()
    for run in runs:
        for line in _described(run):
            out.print(line)
        out.print(table(HEADINGS, map(_cells, run.steps)))
        for name, parts in run.parts.items():
            out.print(f"  {name}: " + ", ".join(f"{part} {s:.2f} s" for part, s in parts.items()))
    if len(runs) > 1:
        out.print(table(("a day", *(f"{r.landed.persons:,} persons" for r in runs)), _days(runs)))


def compared(before: Path, after: Path) -> Table:
    """Two files of `--json` beside one another: every stage that is in both."""
    known = _by_name(before)
    rows = [
        (
            f"{persons:,}",
            name,
            f"{known[persons, name]['seconds']:.2f}",
            f"{step['seconds']:.2f}",
            f"{step['seconds'] / max(known[persons, name]['seconds'], 1e-9):.2f}",
            megabytes(known[persons, name]["peak_bytes"]),
            megabytes(step["peak_bytes"]),
        )
        for (persons, name), step in _by_name(after).items()
        if (persons, name) in known
    ]
    headings = ("persons", "stage", "s before", "s after", "ratio", "peak before", "peak after")
    return table(headings, rows)


def console() -> Console:
    """Where tables go: a pipe has no width, and a table that is folded cannot be compared."""
    return Console(width=None if sys.stdout.isatty() else 200)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e6:,.0f} MB" if size else "–"


def _described(run: Run) -> Iterator[str]:
    landed, day = run.landed, run.day
    persons = landed.persons
    yield (
        f"{persons:,} persons, {landed.rows / persons:.1f} rows and "
        f"{landed.json_bytes / persons:,.0f} bytes of JSON a person; the largest municipality "
        f"holds {run.largest_share:.1%}"
    )
    yield (
        f"bytes a person: landing {run.landed_bytes / persons:,.0f}, events "
        f"{run.events_bytes / persons:,.0f}, register {run.register_bytes / persons:,.0f}; the "
        f"disk gives {run.read_bytes_per_second / 1e6:,.0f} MB/s of landed files"
    )
    yield (
        f"the day: {day.messages:,} messages about {day.persons:,} persons, "
        f"{day.json_bytes / 1e6:,.1f} MB of JSON"
    )


def _cells(step: Step) -> tuple[str, ...]:
    seconds = max(step.seconds, 1e-9)
    return (
        step.name,
        f"{step.persons:,}",
        f"{step.rows:,}",
        f"{step.seconds:.2f}",
        f"{step.cpu_seconds:.1f}",
        f"{step.postgres_cpu_seconds:.1f}",
        f"{step.persons / seconds:,.0f}",
        f"{step.rows / seconds:,.0f}",
        *map(megabytes, (step.peak_bytes, step.postgres_bytes, step.disk_bytes)),
        step.limit or "–",
        f"{step.limit_seconds:.2f}" if step.limit_seconds else "–",
        f"{step.ratio:.1f}" if step.ratio else "–",
    )


def _days(runs: list[Run]) -> Iterator[tuple[str, ...]]:
    yield ("persons changed", *(f"{run.day.persons:,}" for run in runs))
    for name in _DAY:
        found = [next((s for s in run.steps if s.name == name), None) for run in runs]
        yield (name, *(f"{step.seconds:.2f} s" if step else "–" for step in found))
    whole = [sum(s.seconds for s in run.steps if s.name in _DAY[:2]) for run in runs]
    yield ("landed pages to published", *(f"{seconds:.2f} s" for seconds in whole))
    yield ("times the smallest register's", *(f"{seconds / whole[0]:.2f}" for seconds in whole))


def table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    """A table of figures; the first column says what they are of."""
    made = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    return made


def _by_name(file: Path) -> dict[tuple[int, str], dict[str, Any]]:
    runs = json.loads(file.read_text("utf-8"))["runs"]
    return {(run["landed"]["persons"], step["name"]): step for run in runs for step in run["steps"]}
