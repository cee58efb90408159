"""The command line: options and exit statuses, nothing else. Each command calls one function.

Exit status 0 only if the work was done; 1 with one sentence on standard error if it was not;
130 when interrupted. Keep out work (`commands/`).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vtj_pipeline.commands.customers_options import customers
from vtj_pipeline.commands.erase_options import erase
from vtj_pipeline.commands.legacy_options import legacy, run_legacy_files
from vtj_pipeline.commands.roles_options import roles
from vtj_pipeline.errors import VtjError
from vtj_pipeline.logs import log_as_json, scrub_logs, scrub_uncaught

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STOPPED = "Stopped. The same command goes on from here."
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Keep a population register in step with Finland's population information system."""


@cli.command()
@click.option("--persons", default=20_000, show_default=True, help="Synthetic persons.")
@click.option("--days", default=30, show_default=True, help="Days of changes.")
def demo(persons: int, days: int) -> None:
    """Do the whole job on synthetic persons, from the source to the views."""
    from vtj_pipeline.commands.demo import run_demo

    run_demo(persons, days)


@cli.command()
@click.option("--port", default=3000, show_default=True, help="Port of the UI on 127.0.0.1.")
def dev(port: int) -> None:
    """Open the Dagster UI and daemon on the present state."""
    from vtj_pipeline.commands.dev import run_dev

    run_dev(port)


@cli.group("serve")
def services() -> None:
    """Become one of Dagster's processes, for a service manager to keep alive."""


@services.command()
def code() -> None:
    """Dagster's code server: what the assets are, and the runs themselves."""
    from vtj_pipeline.commands.serve import serve_code

    serve_code()


@services.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--let-others-in", is_flag=True, help="Without it only this machine's addresses are taken."
)
@click.option("--port", default=3000, show_default=True, help="Port of the UI.")
@click.option("--read-only", is_flag=True, help="For onlookers: nothing can be started or changed.")
def webserver(host: str, port: int, read_only: bool, let_others_in: bool) -> None:
    """Dagster's UI. It has no login: put a proxy that asks for one in front."""
    from vtj_pipeline.commands.serve import serve_webserver

    serve_webserver(host, port, read_only=read_only, let_others_in=let_others_in)


@services.command()
def daemon() -> None:
    """Dagster's daemon: schedules, sensors, backfills and the queue. One, and no more."""
    from vtj_pipeline.commands.serve import serve_daemon

    serve_daemon()


@cli.group()
def sandbox() -> None:
    """The bundled stand-in for the source interface."""


@sandbox.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def serve(options: tuple[str, ...]) -> None:
    """Serve the sandbox on 127.0.0.1 (--help lists its options)."""
    from vtj_pipeline.sandbox.__main__ import main as serve_main

    sys.exit(serve_main(list(options)))


@sandbox.command(
    "export-legacy",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def export_legacy(options: tuple[str, ...]) -> None:
    """Write the sandbox's days as old MTT and PTT files (--folder DIR; --help lists options)."""
    from vtj_pipeline.sandbox.__main__ import export as export_main

    sys.exit(export_main(list(options)))


@cli.group()
def run() -> None:
    """Do a part of the work as an ordinary Dagster run."""


_subscription = click.option("--subscription", metavar="NAME", help="Only this one.")
_again = click.option("--fetch-again", is_flag=True, help="Ask again for what has landed.")


@run.command()
@_subscription
@_again
@click.option("--plan", "only_plan", is_flag=True, help="Only say calls, persons, time and euros.")
def baseline(subscription: str | None, fetch_again: bool, only_plan: bool) -> None:
    """Land the basic data of every person in scope."""
    from vtj_pipeline.commands.run import run_baseline

    run_baseline(subscription, fetch_again=fetch_again, only_plan=only_plan)


@run.command()
@click.argument("first", type=_DAY, metavar="FROM")
@click.argument("last", type=_DAY, metavar="[TO]", required=False)
@_subscription
@_again
def changes(
    first: datetime, last: datetime | None, subscription: str | None, fetch_again: bool
) -> None:
    """Land the changes of the days FROM to TO (yyyy-mm-dd, in Finland)."""
    from vtj_pipeline.commands.run import run_changes

    run_changes(_date(first), _date(last) if last else None, subscription, fetch_again=fetch_again)


@run.command()
@_subscription
def refresh(subscription: str | None) -> None:
    """Ask anew for persons whose data must be, and publish the answers."""
    from vtj_pipeline.commands.run import run_refresh

    run_refresh(subscription)


@run.command()
@_subscription
@click.option("--sample", type=click.IntRange(min=0), default=0, help="Persons; 0 is all.")
@click.option("--seed", default=1, show_default=True, help="Chooses the sample.")
@click.option(
    "--by",
    type=click.Choice(["perustiedot", "perustiedot-vko"]),
    default=None,
    help="What to ask; by default what the baseline comes from.",
)
def reconcile(subscription: str | None, sample: int, seed: int, by: str | None) -> None:
    """Hold the register against the source, say the drift, and publish the repair."""
    from vtj_pipeline.commands.run import run_reconcile

    run_reconcile(subscription, sample=sample, seed=seed, by=by or "")


@run.command()
@click.option("--rebuild", is_flag=True, help="Fold everybody anew, and repair what stands.")
def register(rebuild: bool) -> None:
    """Publish everything that has landed."""
    from vtj_pipeline.commands.run import run_register

    run_register(rebuild=rebuild)


@run.command()
def views() -> None:
    """Build and test the views."""
    from vtj_pipeline.commands.run import run_views

    run_views()


@run.command("register-files")
def register_files() -> None:
    """Write the files of the newest publication (VTJ_REGISTER_FILES)."""
    from vtj_pipeline.commands.run import run_register_files

    run_register_files()


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(as_json: bool) -> None:
    """Say what has landed and what has been published."""
    from vtj_pipeline.commands.query import run_status

    run_status(as_json=as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(as_json: bool) -> None:
    """Try everything that the work needs, and say what to do where it fails."""
    from vtj_pipeline.commands.doctor import run_doctor

    run_doctor(as_json=as_json)


@cli.group()
def alarm() -> None:
    """How people are told that something is wrong."""


@alarm.command("test")
def alarm_test() -> None:
    """Send a test message to everybody who is told of alarms."""
    from vtj_pipeline.commands.alarm import run_test

    run_test()


@cli.group("data-key")
def data_key() -> None:
    """The key that landed and events files are encrypted with."""


@data_key.command("new")
def data_key_new() -> None:
    """Make a key, for VTJ_DATA_KEY or the file that VTJ_DATA_KEY_FILE names."""
    from vtj_pipeline.commands.data_key import run_new

    run_new()


@data_key.command("rotate")
def data_key_rotate() -> None:
    """Encrypt every file with the first key of VTJ_DATA_KEY, or with a new one under VTJ_HOME."""
    from vtj_pipeline.commands.data_key import run_rotate

    run_rotate()


@cli.command("restore-check")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def restore_check(as_json: bool) -> None:
    """Make the register anew from landing, beside the one that stands, and compare them."""
    from vtj_pipeline.commands.restore_check import run_restore_check

    run_restore_check(as_json=as_json)


@cli.command()
def upgrade() -> None:
    """Bring the database to what this version of the program needs."""
    from vtj_pipeline.commands.upgrade import run_upgrade

    run_upgrade()


@cli.command()
@click.option(
    "-c",
    "query",
    metavar="QUERY",
    help="One or several statements: the last result is printed. Without it a session opens.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "csv-raw", "json"]),
    default="table",
    show_default=True,
)
def sql(query: str | None, form: str) -> None:
    """Query the register and the views.

    Names need no schema. Nothing can be changed unless the session asks for it first:
    set default_transaction_read_only = off. Statements may come from standard input, too.
    """
    from vtj_pipeline.commands.sql import run_sql

    run_sql(query, form)


cli.add_command(customers)
cli.add_command(roles)
cli.add_command(erase)
cli.add_command(legacy)
run.add_command(run_legacy_files)


@cli.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not current.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where docs/ and dbt/ are; by default the repository.",
)
def dictionary(check: bool, output: Path | None) -> None:
    """Write the data dictionary and dbt's sources from the catalogue."""
    from vtj_pipeline.commands.dictionary import run_dictionary

    run_dictionary(output, check=check)


def _date(value: datetime) -> date:
    return value.date()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    warnings.simplefilter("ignore")  # of libraries; ours would be errors
    os.umask(0o077)  # for this process and all that it starts
    fail = _begin_to_log()
    # A service manager ends with TERM, and a shell's background job is started deaf to INT: both
    # must leave as cleanly as Ctrl-C on a terminal.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        cli.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        fail(error)
        sys.exit(error.exit_code)
    except VtjError as error:
        fail(error)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        fail(None)
        sys.exit(130)


def _begin_to_log() -> Callable[[Exception | None], None]:
    """Log as the environment says; returns the function that tells why the work was not done."""
    from vtj_pipeline.settings import log_format

    scrub_logs()
    scrub_uncaught()
    try:
        is_json = log_format() == "json"
    except VtjError as error:
        _fail(error)
        sys.exit(1)
    if is_json:
        log_as_json()
        return _log_failure
    # Dagster's loggers pass the root's level by; what they say is kept in the run itself.
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.addFilter(lambda record: not record.name.startswith("dagster"))
    logging.basicConfig(handlers=[handler], format="%(levelname)s %(message)s")
    return _fail


def _fail(error: Exception | None) -> None:
    if isinstance(error, click.ClickException):
        error.show()
    else:
        click.echo(f"error: {error}" if error else _STOPPED, err=True)


def _log_failure(error: Exception | None) -> None:
    logger = logging.getLogger(__name__)
    if isinstance(error, click.ClickException):
        logger.error("%s", error.format_message())
    elif error is None:
        logger.warning(_STOPPED)
    else:
        logger.error("%s", error, exc_info=error)
