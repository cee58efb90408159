"""Options of `vtj-pipeline customers`. Keep out work (`customers.py`)."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def customers() -> None:
    """Several customers in one deployment, each with its own database, keys and source."""


@customers.command()
@click.argument("name")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Its VTJ_HOME; by default homes/NAME under the deployment's own.",
)
def add(name: str, home: Path | None) -> None:
    """Make a customer's database, login, keys and settings file; what is there stays."""
    from vtj_pipeline.commands.customers import run_add

    run_add(name, home)


@customers.command("list")
def list_() -> None:
    """Say which customers there are."""
    from vtj_pipeline.commands.customers import run_list

    run_list()


@customers.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(as_json: bool) -> None:
    """Say of each customer what has landed and been published, and what is wrong."""
    from vtj_pipeline.commands.customers import run_status

    run_status(as_json=as_json)


@customers.command("as", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name")
@click.argument("arguments", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def as_(name: str, arguments: tuple[str, ...]) -> None:
    """Do any other command for one customer: customers as NAME serve code, … run baseline."""
    from vtj_pipeline.commands.customers import run_as

    run_as(name, arguments)
