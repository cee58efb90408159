"""Options of `vtj-pipeline roles`, as `cli.py` has those of the other commands.

Keep out work (`roles.py`, `roles_matrix.py`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def roles() -> None:
    """Who may read what in PostgreSQL: roles, and the logins that hold them."""


@roles.command("plan")
@click.option("--sql", "as_sql", is_flag=True, help="As SQL, for the server's administrator.")
def roles_plan(as_sql: bool) -> None:
    """Say what apply would change."""
    from vtj_pipeline.commands.roles import run_plan

    run_plan(as_sql=as_sql)


@roles.command("apply")
@click.option("--yes", is_flag=True, help="Do not ask.")
def roles_apply(yes: bool) -> None:
    """Make roles and rights what they must be; shows the plan first."""
    from vtj_pipeline.commands.roles import run_apply

    run_apply(yes=yes)


@roles.command("grant")
@click.argument("login")
@click.option("--role", required=True, help="caseworker, protected, analyst, operator, auditor.")
@click.option(
    "--municipality",
    "municipalities",
    multiple=True,
    metavar="CODE",
    help="One that it sees, or all; may be repeated.",
)
@click.option("--until", type=_DAY, help="The last day, in Finland (yyyy-mm-dd).")
@click.option("--reason", help="What it is needed for; no names.")
def roles_grant(
    login: str,
    role: str,
    municipalities: tuple[str, ...],
    until: datetime | None,
    reason: str | None,
) -> None:
    """Give a role to a person's own login."""
    from vtj_pipeline.commands.roles import run_grant

    run_grant(login, role, municipalities, until.date() if until else None, reason)


@roles.command("revoke")
@click.argument("login")
@click.option("--role", required=True, help="The one to take back.")
def roles_revoke(login: str, role: str) -> None:
    """Take a role back, with all its municipalities."""
    from vtj_pipeline.commands.roles import run_revoke

    run_revoke(login, role)


@roles.command("list")
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
def roles_list(every: bool) -> None:
    """Say who holds which role, where, until when and why."""
    from vtj_pipeline.commands.roles import run_list

    run_list(every=every)


@roles.command("matrix")
@click.option(
    "--check",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Fail unless this page has it as it is.",
)
def roles_matrix(check: Path | None) -> None:
    """Print which role reads which rows of every view and table."""
    from vtj_pipeline.commands.roles_matrix import run_matrix

    run_matrix(check)
