"""The views on a register of the fold benchmark: made, followed after a day, and asked.

Keep out how seconds are taken (`measure.py`) and how a register is made (`stages.py`).
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline_tests.benchmarks.measure import measured
from vtj_pipeline_tests.benchmarks.stages import benchmark_settings
from vtj_pipeline_tests.views.conftest import prepare, run_dbt

if TYPE_CHECKING:
    from collections.abc import Iterator

_SLOWEST = 12
# A publication that looks at some persons and finds them as they were: what is measured is what
# following it takes, which is the same whatever has changed.
_TOUCH = """
with written as (
    insert into register.publication (run_id, batches, persons, counts, catalogue_fingerprint)
    select 'benchmark', 0, %(persons)s, '{}', p.catalogue_fingerprint
    from register.publication as p
    order by p.publication_id desc
    limit 1
    returning publication_id
)
update register.touched_person as t
set publication_id = w.publication_id
from written as w
where t.person_id in (
    select r.person_id from register.person as r order by md5(r.person_id::text) limit %(persons)s
)
"""
# The largest municipality that has at most so many residents.
_LARGEST = """
select p.municipality_code from municipality.resident as p
group by p.municipality_code having count(*) <= 100000 order by count(*) desc limit 1
"""
_RESIDENTS = "select * from municipality.resident where municipality_code = %s"


@dataclass(frozen=True)
class Build:
    """One build of all views: seconds by node of dbt, the slowest first."""

    seconds: float
    postgres_cpu_seconds: float
    nodes: tuple[tuple[str, float], ...]


def views(home: Path, touched: int, *, as_found: bool = False) -> Iterator[str]:
    """Make the views, follow a day, ask for the residents of a municipality; tells figures.

    Args:
        home: Where `benchmarks fold --home` has made a register.
        touched: Persons that the day touches.
        as_found: Whether views that an earlier call made are followed; else they are made anew.
    """
    settings = benchmark_settings(home, None)
    with running_database(settings) as database:
        prepare(database, home)
        made = ["build", *([] if as_found else ["--full-refresh"])]
        yield _told(
            "all views " + ("as found" if as_found else "made anew"), _built(database, home, *made)
        )
        with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute(_TOUCH, {"persons": touched})
        built = _built(database, home, "build", *not_again())
        yield _told(f"a day that touched {touched:,} persons, with the tests of a night", built)
        yield from map(str, asked(database))


def not_again() -> tuple[str, ...]:
    """What dbt is told of a night, as the pipeline does."""
    # Dagster would be loaded by every process that is measured.
    from vtj_pipeline.orchestration.assets.views import NOT_AGAIN

    return NOT_AGAIN


def do_dbt(url: str, target: Path, *arguments: str) -> list[tuple[str, float]]:
    """Run, test or build all views; returns dbt's nodes with their seconds."""
    done = run_dbt(Database(url), target, *arguments)
    if done.returncode != 0:
        msg = f"dbt failed:\n{done.stdout[-2000:]}"
        raise RuntimeError(msg)
    results = json.loads((target / "run_results.json").read_text("utf-8"))["results"]
    return [(one["unique_id"].split(".", 1)[1], one["execution_time"]) for one in results]


def _built(database: Database, home: Path, *arguments: str) -> Build:
    target = home / "dbt-benchmark"
    done = measured(do_dbt, database.url, target, *arguments, postgres=home / "pg")
    nodes: list[tuple[str, float]] = sorted(done.value, key=lambda one: -one[1])
    return Build(done.seconds, done.postgres_cpu_seconds, tuple(nodes))


def _told(what: str, build: Build) -> str:
    slowest = "\n".join(f"    {seconds:8.1f} s  {node}" for node, seconds in build.nodes[:_SLOWEST])
    return (
        f"{what}: {build.seconds:.1f} s, PostgreSQL {build.postgres_cpu_seconds:.1f} s of CPU, "
        f"{len(build.nodes)} nodes\n{slowest}"
    )


@dataclass(frozen=True)
class Asked:
    """The residents of a large municipality as of a day, asked for three times.

    Attributes:
        day: A date; empty: now.
        rows: Residents.
        seconds: Of each time.
    """

    code: str | None
    day: str
    rows: int
    seconds: tuple[float, ...]

    def __str__(self) -> str:
        return (
            f"residents of municipality {self.code} as of {self.day or 'now'}: {self.rows:,} rows, "
            f"{', '.join(f'{one:.2f}' for one in self.seconds)} s"
        )


def asked(database: Database) -> Iterator[Asked]:
    """Ask the view of residents as of now and of past dates."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_LARGEST)
        (code,) = cursor.fetchone() or (None,)
        for day in ("", "2020-05-05", "2024-02-29"):
            cursor.execute("select set_config('vtj.valid_at', %s, false)", (day,))
            seconds = tuple(_asking(cursor, code) for _ in range(3))
            yield Asked(code, day, cursor.rowcount, seconds)


def _asking(cursor: Any, code: str | None) -> float:
    started = time.perf_counter()
    cursor.execute(_RESIDENTS, (code,))
    return time.perf_counter() - started
