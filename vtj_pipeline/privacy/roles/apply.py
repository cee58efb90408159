"""Roles and rights brought to what `rights.py` says.

Keep out what that is (`plan.py`) and who is asked before (`commands/roles.py`).
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errors

from vtj_pipeline.errors import DatabaseRefused
from vtj_pipeline.postgres import changing_tables
from vtj_pipeline.privacy.audit_tables import create_audit
from vtj_pipeline.privacy.roles.plan import Change, has_groups, planned, rights_changes

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database

_TRIES = 5
# Roles are the cluster's, and no lock of a database keeps another database's program from them.
_RACED = (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError_)
ADMINISTRATOR = (
    "PostgreSQL does not let this login make roles, or give them to others. Either its "
    "administrator does: `vtj-pipeline roles plan --sql` prints the statements, which also let the "
    "program give roles to logins from then on; or it lets the program do so: alter role … "
    "createrole."
)


def plan_roles(database: Database, *, by_administrator: bool = False) -> list[Change]:
    """What has to change; makes the schema `audit` where it is not there, and changes nothing else.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    create_audit(database)
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        return planned(cursor, by_administrator=by_administrator)


def apply_roles(database: Database) -> list[Change]:
    """Change what has to change, in one transaction; returns what that was.

    Raises:
        DatabaseRefused: the login may not; nothing was changed.
        UpgradeBlocked: somebody uses a table for too long.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    create_audit(database)
    for left in reversed(range(_TRIES)):
        try:
            with (
                closing(database.connect()) as connection,
                changing_tables(connection, "audit") as cursor,
            ):
                return carry_out(cursor, planned(cursor))
        except _RACED:
            if not left:
                raise
    raise AssertionError


def keep_rights(database: Database) -> int | None:
    """After views were made: their readers' rights are as they were, those of new ones as planned.

    Returns:
        How many statements it took; None where no roles were ever made.

    Raises:
        DatabaseRefused: the login does not own what it made.
        UpgradeBlocked: somebody uses a table for too long.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    create_audit(database)
    with (
        closing(database.connect()) as connection,
        changing_tables(connection, "audit") as cursor,
    ):
        return len(carry_out(cursor, rights_changes(cursor))) if has_groups(cursor) else None


def carry_out(cursor: Cursor, changes: list[Change]) -> list[Change]:
    """Do the statements of a plan.

    Raises:
        DatabaseRefused: PostgreSQL does not let the login do one of them.
    """
    for change in changes:
        try:
            cursor.execute(change.statement)
        except psycopg2.errors.InsufficientPrivilege as error:
            said = error.diag.message_primary
            why = ADMINISTRATOR if change.is_of_cluster else "Its owner must do it."
            msg = f"Refused: {change.what} ({said}). Nothing was changed. {why}"
            raise DatabaseRefused(msg) from None
    return changes
