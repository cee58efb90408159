"""`python -m vtj_pipeline_tests.benchmarks`: one command for each measurement.

Keep out the measurements themselves.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from vtj_pipeline_tests.benchmarks.backfill import backfill, told
from vtj_pipeline_tests.benchmarks.bulk_day import bulk_day
from vtj_pipeline_tests.benchmarks.legacy import legacy
from vtj_pipeline_tests.benchmarks.population import FAMILY, Population
from vtj_pipeline_tests.benchmarks.report import as_json, show
from vtj_pipeline_tests.benchmarks.sandbox import sandbox
from vtj_pipeline_tests.benchmarks.stages import fold
from vtj_pipeline_tests.benchmarks.views import A_DAY, views
from vtj_pipeline_tests.folders import new_home


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
    population = Population(-(-persons // FAMILY) * FAMILY, seed, batch)
    with ExitStack() as stack:
        if home is None:
            # A short path, since PostgreSQL's socket lives in it.
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp")))
        home.mkdir(parents=True, exist_ok=True)
        result = fold(
            population, home.absolute(), memory, say=lambda text: click.echo(text, err=True)
        )
    show(result)
    if target is not None:
        target.write_text(as_json(result) + "\n", "utf-8")


@main.command("views")
@click.option("--home", type=Path, required=True, help="Where `fold --home` made a register.")
@click.option("--touched", default=A_DAY, show_default=True, help="Persons that a day touches.")
@click.option(
    "--as-found", is_flag=True, help="Follow the views that stand; they are of this code."
)
def views_command(home: Path, touched: int, as_found: bool) -> None:
    """The views: made, followed after a day of changes, and asked as of past dates."""
    for text in views(home.absolute(), touched, as_found=as_found):
        click.echo(text)


@main.command("sandbox")
@click.option("--persons", default=100_000, show_default=True, help="Residents of the area.")
@click.option("--asked", default=20_000, show_default=True, help="Persons asked for by code.")
@click.option("--messages", default=0, show_default=True, help="Messages of a bulk day.")
def sandbox_command(persons: int, asked: int, messages: int) -> None:
    """The sandbox: how fast it makes people and answers."""
    for line in sandbox(persons, asked, messages):
        click.echo(line)


@main.command("legacy")
@click.option("--records", default=200_000, show_default=True, help="Records of changes.")
def legacy_command(records: int) -> None:
    """Old files: how fast they are read, and turned into messages."""
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
    with tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp") as folder:
        for part in bulk_day(persons, messages, Path(folder) / "h", memory):
            click.echo(part)


if __name__ == "__main__":
    main()
