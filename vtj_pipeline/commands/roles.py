"""`vtj-pipeline roles`: plan, apply, grant, revoke and list; the matrix is in `roles_matrix.py`.

Keep out what is done (`privacy/roles/`).
"""

from __future__ import annotations

import getpass
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import RoleRefused
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import about_pgaudit
from vtj_pipeline.privacy.roles import (
    Wanted,
    apply_roles,
    give_role,
    list_grants,
    plan_roles,
    take_role,
)
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import load_settings

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy.roles import Change, Grant

_HELSINKI = ZoneInfo("Europe/Helsinki")
_NOTHING = "Roles and rights are as they must be: nothing to change."


def run_plan(*, as_sql: bool) -> None:
    """Say what `apply` would change, in words or as SQL for the server's administrator.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _database() as database:
        changes = plan_roles(database, by_administrator=as_sql)
        if as_sql:
            say("\n".join(["begin;", *(f"{one.statement};" for one in changes), "commit;"]))
        else:
            _told(changes)
            say(_record(database))


def run_apply(*, yes: bool) -> None:
    """Show the plan, ask, and carry it out.

    Raises:
        RoleRefused: there is nobody to ask, and `yes` was not said.
        DatabaseRefused: PostgreSQL does not let the program do it.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _database() as database:
        changes = plan_roles(database)
        _told(changes)
        say(_record(database))
        if not changes:
            return
        if not yes:
            if not sys.stdin.isatty():
                msg = "Nothing was changed: say --yes where there is no terminal to ask at."
                raise RoleRefused(msg)
            click.confirm("Change this?", abort=True)
        say(f"{len(apply_roles(database))} statements done.")


def run_grant(
    login: str, role: str, municipalities: tuple[str, ...], until: date | None, reason: str | None
) -> None:
    """Give a login a role.

    Raises:
        RoleRefused: what is wanted is not complete, or gives nothing.
        DatabaseRefused: PostgreSQL does not let the program do it.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    wanted = Wanted(login, role, municipalities, until, reason)
    with _database() as database:
        is_new = give_role(database, wanted, by=_who(database), now=datetime.now(UTC))
    say(f"{login} {'holds' if is_new else 'held already'}: {role}{_where(municipalities)}.")


def run_revoke(login: str, role: str) -> None:
    """Take a role from a login.

    Raises:
        RoleRefused: there is no such role.
        DatabaseRefused: PostgreSQL does not let the program do it.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _database() as database:
        ended = take_role(database, login, role, by=_who(database))
    say(f"{ended} grants of {role} to {login} ended." if ended else f"{login} did not hold {role}.")


def run_list(*, every: bool) -> None:
    """Say who holds what, and with `every` who did.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _database() as database:
        grants = [one for one in list_grants(database) if every or one.in_force]
    for one in grants:
        say(_line(one))
    if not grants:
        say("Nobody holds a role." if not every else "Nobody ever held a role.")


@contextmanager
def _database() -> Iterator[Database]:
    with running_database(load_settings()) as database:
        create_ledger(database)
        create_register(database)
        yield database


def _told(changes: list[Change]) -> None:
    for what, times in Counter(one.what for one in changes).items():
        say(f"  {what}" + (f" (×{times})" if times > 1 else ""))
    say(f"{len(changes)} statements to do." if changes else _NOTHING)


def _record(database: Database) -> str:
    """What is kept of who reads."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        return about_pgaudit(cursor)


def _who(database: Database) -> str:
    """For the record: who is at the machine, and by which login the program came in."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select session_user::text")
        (login,) = cursor.fetchone() or ("",)
    return f"{getpass.getuser()} ({login})"


def _line(grant: Grant) -> str:
    parts = [f"{grant.login}: {grant.role}{_where(grant.municipalities)}"]
    if grant.ends_at is not None:
        last = grant.ends_at.astimezone(_HELSINKI) - timedelta(microseconds=1)
        parts.append(f"until {last.date()}" if grant.in_force else f"ended {last.date()}")
    if grant.revoked_at is not None:
        day = grant.revoked_at.astimezone(_HELSINKI).date()
        parts.append(f"taken back {day} by {grant.revoked_by}")
    given = f"given {grant.granted_at.astimezone(_HELSINKI).date()} by {grant.granted_by}"
    return ", ".join([*parts, given, *([f"for: {grant.reason}"] if grant.reason else [])])


def _where(municipalities: tuple[str, ...]) -> str:
    return f" in {', '.join(sorted(set(municipalities)))}" if municipalities else ""
