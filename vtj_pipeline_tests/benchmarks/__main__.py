"""`python -m vtj_pipeline_tests.benchmarks`: one command for each measurement.

Keep out the measurements themselves, and load them where they are asked for: every process that is
measured loads this module.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vtj_pipeline_tests.benchmarks.spark import Folded

# What a day of a national register touches of a million persons (30,000 of 5.6 million).
_A_DAY = 5_400

_PEERS = click.Choice(["dlt", "dbt", "upsert"])


def _of_engines(command: Callable[..., None]) -> Callable[..., None]:
    """The options of whatever holds engines against one another."""
    for option in (
        click.option("--json", "target", type=Path, help="Write the figures to this file as well."),
        click.option("--engine", "chosen", multiple=True, help="Only this one; may be repeated."),
        click.option("--memory", help="Memory of DuckDB in each task, as VTJ_FOLD_MEMORY."),
    ):
        command = option(command)
    return command


@click.group()
def main() -> None:
    """Measure the pipeline on populations too large for a test."""


@main.command("fold")
@click.option("--persons", default=100_000, show_default=True, help="Rounded up to fives.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other persons.")
@click.option("--batch", default=100_000, show_default=True, help="Persons in a landed file.")
@click.option("--home", type=Path, help="Work here and leave all; pages that are here are taken.")
@click.option("--memory", help="Memory of DuckDB, as VTJ_FOLD_MEMORY.")
@click.option("--json", "target", type=Path, help="Write the figures to this file as well.")
def fold_command(
    persons: int, seed: int, batch: int, home: Path | None, memory: str | None, target: Path | None
) -> None:
    """A baseline, from landed pages to the published register."""
    from vtj_pipeline_tests.benchmarks.population import FAMILY, Population
    from vtj_pipeline_tests.benchmarks.report import as_json, show
    from vtj_pipeline_tests.benchmarks.stages import fold

    population = Population(-(-persons // FAMILY) * FAMILY, seed, batch)
    with _working(home) as folder:
        result = fold(population, folder, memory, say=_say)
    show(result)
    if target is not None:
        target.write_text(as_json(result) + "\n", "utf-8")


@main.command("national")
@click.option("--persons", "sizes", multiple=True, default=(25_000,), show_default=True)
@click.option("--day", default=30_000, show_default=True, help="Persons whom the day changes.")
@click.option("--fetched", default=5_000, show_default=True, help="Persons over HTTP; 0: none.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other persons.")
@click.option("--batch", default=10_000, show_default=True, help="Persons in a landed file.")
@click.option("--home", type=Path, help="Work here and leave all; pages that are here are taken.")
@click.option("--memory", help="Memory of DuckDB, as VTJ_FOLD_MEMORY.")
@click.option("--views/--no-views", default=True, show_default=True, help="Make the views too.")
@click.option("--bare/--no-bare", default=True, show_default=True, help="Measure the limits too.")
@click.option("--peer", "names", multiple=True, type=_PEERS, help="Measure this one beside it.")
@click.option("--json", "target", type=Path, help="Write the figures to this file as well.")
def national_command(
    sizes: tuple[int, ...],
    home: Path | None,
    names: tuple[str, ...],
    target: Path | None,
    views: bool,
    bare: bool,
    **given: Any,
) -> None:
    """Every stage of registers of some sizes, beside what the machine itself can do."""
    from vtj_pipeline_tests.benchmarks.national import Plan, national
    from vtj_pipeline_tests.benchmarks.national_report import show_runs
    from vtj_pipeline_tests.benchmarks.peers.report import show_peers
    from vtj_pipeline_tests.benchmarks.peers.run import Beside, Report
    from vtj_pipeline_tests.benchmarks.report import as_json

    beside = Beside(names, _say)
    runs = []
    for persons in sizes:
        plan = Plan(persons=persons, with_views=views, with_bare=bare, **given)
        with _working(home / str(persons) if home else None) as folder:
            runs.append(national(plan, folder, _say, beside.measure))
        # After each, since the next one may take hours.
        if target is not None:
            target.write_text(as_json(Report(runs, beside.done, beside.ours)) + "\n", "utf-8")
    show_runs(runs)
    if names:
        show_peers(runs, beside.done, beside.ours)


@main.command("spark")
@click.option("--persons", default=100_000, show_default=True, help="Rounded up to fives.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other persons.")
@click.option("--batch", default=10_000, show_default=True, help="Persons in a landed file.")
@click.option("--home", type=Path, help="Work here and leave all; pages that are here are taken.")
@_of_engines
def spark_command(
    persons: int,
    seed: int,
    batch: int,
    home: Path | None,
    memory: str | None,
    chosen: tuple[str, ...],
    target: Path | None,
) -> None:
    """A baseline folded and published by DuckDB, by Spark here, and by a cluster of Spark."""
    from vtj_pipeline_tests.benchmarks.population import FAMILY, Population
    from vtj_pipeline_tests.benchmarks.spark import ENGINES, compare

    population = Population(-(-persons // FAMILY) * FAMILY, seed, batch)
    with _working(home) as folder:
        _tell(compare(population, folder, memory, chosen or ENGINES, _say), target)


@main.command("spark-year")
@click.option("--persons", default=100_000, show_default=True, help="Residents of the area.")
@click.option("--days", default=365, show_default=True, help="After the baseline.")
@click.option("--home", type=Path, help="Work in this new folder and leave all.")
@_of_engines
def spark_year_command(
    persons: int,
    days: int,
    home: Path | None,
    memory: str | None,
    chosen: tuple[str, ...],
    target: Path | None,
) -> None:
    """Days published by DuckDB as they come, then at once by each engine: the same rows."""
    from vtj_pipeline_tests.benchmarks.spark import ENGINES
    from vtj_pipeline_tests.benchmarks.year import year

    with _working(home) as folder:
        _tell(year(persons, days, folder, memory, chosen or ENGINES, _say), target)


@main.command("sizes")
@click.option("--persons", default=25_000, show_default=True, help="Rounded up to fives.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other persons.")
@click.option("--memory", help="Memory of DuckDB, as VTJ_FOLD_MEMORY.")
def sizes_command(persons: int, seed: int, memory: str | None) -> None:
    """Bytes a person of each stage, and what other types, orders and compressions would take."""
    from vtj_pipeline_tests.benchmarks.population import FAMILY, Population
    from vtj_pipeline_tests.benchmarks.sizes import sizes

    population = Population(-(-persons // FAMILY) * FAMILY, seed, 10_000)
    with _working(None) as folder:
        for size in sizes(population, folder, memory, _say):
            click.echo(str(size))


@main.command("compare")
@click.argument("before", type=click.Path(exists=True, path_type=Path))
@click.argument("after", type=click.Path(exists=True, path_type=Path))
def compare_command(before: Path, after: Path) -> None:
    """Two files that `national --json` wrote, stage by stage."""
    from vtj_pipeline_tests.benchmarks.national_report import compared, console

    console().print(compared(before, after))


@main.command("views")
@click.option("--home", type=Path, required=True, help="Where `fold --home` made a register.")
@click.option("--touched", default=_A_DAY, show_default=True, help="Persons that a day touches.")
@click.option(
    "--as-found", is_flag=True, help="Follow the views that stand; they are of this code."
)
def views_command(home: Path, touched: int, as_found: bool) -> None:
    """The views: made, followed after a day of changes, and asked as of past dates."""
    from vtj_pipeline_tests.benchmarks.views import views

    for text in views(home.absolute(), touched, as_found=as_found):
        click.echo(text)


@main.command("sandbox")
@click.option("--persons", default=100_000, show_default=True, help="Residents of the area.")
@click.option("--asked", default=20_000, show_default=True, help="Persons asked for by code.")
@click.option("--messages", default=0, show_default=True, help="Messages of a bulk day.")
def sandbox_command(persons: int, asked: int, messages: int) -> None:
    """The sandbox: how fast it makes people and answers."""
    from vtj_pipeline_tests.benchmarks.sandbox import sandbox

    for line in sandbox(persons, asked, messages):
        click.echo(line)


@main.command("legacy")
@click.option("--records", default=200_000, show_default=True, help="Records of changes.")
def legacy_command(records: int) -> None:
    """Old files: how fast they are read, and turned into messages."""
    from vtj_pipeline_tests.benchmarks.legacy import legacy

    for line in legacy(records):
        click.echo(line)


@main.command("backfill")
@click.option("--persons", default=20_000, show_default=True, help="Residents of the area.")
@click.option("--days", default=365, show_default=True, help="Days, the last one yesterday.")
@click.option("--home", type=Path, help="Work in this new folder and leave all.")
@click.option("--json", "target", type=Path, help="Write the figures to this file as well.")
@click.option("--activity", default=1.0, show_default=True, help="Multiplies what happens.")
def backfill_command(
    persons: int, days: int, activity: float, home: Path | None, target: Path | None
) -> None:
    """Days of changes, launched in the UI, until the views have followed."""
    from vtj_pipeline_tests.benchmarks.backfill import backfill, told
    from vtj_pipeline_tests.benchmarks.report import as_json
    from vtj_pipeline_tests.folders import new_home

    home = home.absolute() if home else new_home()
    done = backfill(persons, days, home, lambda text: click.echo(text, err=True), activity)
    for line in told(done):
        click.echo(line)
    if target is not None:
        target.write_text(as_json(done) + "\n", "utf-8")


@main.command("bulk-day")
@click.option("--persons", default=100_000, show_default=True, help="Residents of the area.")
@click.option("--messages", default=1_000_000, show_default=True, help="Messages of the day.")
@click.option("--memory", help="Memory of DuckDB, as VTJ_FOLD_MEMORY.")
def bulk_day_command(persons: int, messages: int, memory: str | None) -> None:
    """A day with very many messages, from the source to the register."""
    from vtj_pipeline_tests.benchmarks.bulk_day import bulk_day

    with tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp") as folder:
        for part in bulk_day(persons, messages, Path(folder) / "h", memory):
            click.echo(part)


@main.command("customers")
@click.option("--customers", "number", default=3, show_default=True, help="So many registers.")
@click.option("--persons", default=5_000, show_default=True, help="Residents of each.")
@click.option("--nights", default=2, show_default=True, help="Nights, the last one yesterday's.")
@click.option("--json", "target", type=Path, help="Write the figures to this file as well.")
def customers_command(number: int, persons: int, nights: int, target: Path | None) -> None:
    """Many customers on one Dagster: the same nights of all of them at once."""
    from vtj_pipeline_tests.benchmarks.customers import customers, told
    from vtj_pipeline_tests.benchmarks.report import as_json

    with tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp") as logs:
        done = customers(number, persons, nights, Path(logs), _say)
    for line in told(done):
        click.echo(line)
    if target is not None:
        target.write_text(as_json(done) + "\n", "utf-8")


def _tell(folds: Iterator[Folded], target: Path | None) -> None:
    """Print each when it is done; written after each, too, since the next one may take hours."""
    done = []
    for folded in folds:
        click.echo(str(folded))
        done.append(asdict(folded))
        if target is not None:
            target.write_text(dumps(done, indent=2) + "\n", "utf-8")


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _working(home: Path | None) -> Iterator[Path]:
    """The folder to work in; None: a new one, which is gone at the end."""
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home.absolute()
        return
    # A short path, since PostgreSQL's socket lives in it.
    with tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
