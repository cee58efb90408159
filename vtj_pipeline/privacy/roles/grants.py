"""Who holds which role: given, taken back and listed. Every grant stays on record.

Views ask these rows at the moment of each query; membership of a group alone shows nothing. Keep
out what a role may read (`rights.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vtj_pipeline.errors import RoleRefused
from vtj_pipeline.postgres import changing_tables
from vtj_pipeline.privacy.audit_tables import create_audit
from vtj_pipeline.privacy.roles.apply import carry_out
from vtj_pipeline.privacy.roles.plan import Change, has_groups, login_changes
from vtj_pipeline.privacy.roles.rights import GRANTABLE, Role

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database

ALL = "all"
_HELSINKI = ZoneInfo("Europe/Helsinki")
_CODE = re.compile(r"[0-9]{3}")
_LOGIN = (
    "select rolcanlogin, rolsuper or rolbypassrls or pg_has_role(rolname, "
    "(select relowner from pg_class where oid = 'audit.role_grant'::regclass), 'member') or exists "
    "(select from pg_roles as o where o.rolname = 'vtj_owner' and "
    "pg_has_role(r.rolname, o.oid, 'member')) from pg_roles as r where rolname = %s"
)
_GIVE = (
    "insert into audit.role_grant (login, role, municipalities, reason, granted_by, ends_at) "
    "values (%s, %s, %s, %s, %s, %s)"
)
_SAME = (
    "select exists (select from audit.role_grant where login = %s and role = %s "
    "and municipalities = %s and reason is not distinct from %s "
    "and ends_at is not distinct from %s and audit.in_force(ends_at, revoked_at))"
)
_TAKE = (
    "update audit.role_grant set revoked_at = clock_timestamp(), revoked_by = %s "
    "where login = %s and role = %s and audit.in_force(ends_at, revoked_at)"
)
_LIST = (
    "select login, role, municipalities, reason, granted_at, granted_by, ends_at, revoked_at, "
    "revoked_by, audit.in_force(ends_at, revoked_at) from audit.role_grant "
    "order by login, role, grant_id"
)


@dataclass(frozen=True)
class Grant:
    """A role that a login was given.

    Attributes:
        municipalities: Codes that it sees, or `all` alone; empty where the role has none.
        granted_at: UTC.
        granted_by: Who gave it.
        ends_at: UTC; from then on it shows nothing. None: until it is taken back.
        in_force: It counts now.
    """

    login: str
    role: str
    municipalities: tuple[str, ...]
    reason: str | None
    granted_at: datetime
    granted_by: str
    ends_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    in_force: bool


@dataclass(frozen=True)
class Wanted:
    """A role that a login is to be given.

    Attributes:
        municipalities: Codes, or `all` alone.
        until: The last day in Finland on which it counts.
    """

    login: str
    role: str
    municipalities: tuple[str, ...] = ()
    until: date | None = None
    reason: str | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The moment at which the last day is over."""
        if self.until is None:
            return None
        return datetime.combine(self.until + timedelta(days=1), time(), _HELSINKI).astimezone(UTC)


def give_role(database: Database, wanted: Wanted, *, by: str, now: datetime) -> bool:
    """Give a login a role; returns whether it did not hold just that before.

    Args:
        database: Where `roles apply` was done.
        wanted: The login must be there; no password is handled here.
        by: Who does it, for the record.
        now: To see that the end is to come.

    Raises:
        RoleRefused: what is wanted is not complete, or gives nothing.
        DatabaseRefused: PostgreSQL does not let the program give roles.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    role = _role(wanted.role)
    codes = sorted(set(wanted.municipalities))
    reason = (wanted.reason or "").strip() or None
    _complete(role, codes, reason, wanted.ends_at, now)
    with _changing(database) as cursor:
        _reader(cursor, wanted.login)
        row = (wanted.login, wanted.role, codes, reason)
        cursor.execute(_SAME, (*row, wanted.ends_at))
        (is_same,) = cursor.fetchone() or (False,)
        if not is_same:
            cursor.execute(_GIVE, (*row, by, wanted.ends_at))
        carry_out(cursor, _of(cursor, wanted.login))
    return not is_same


def take_role(database: Database, login: str, role: str, *, by: str) -> int:
    """Take a role from a login, with all its municipalities; returns how many grants ended.

    Raises:
        RoleRefused: there is no such role.
        DatabaseRefused: PostgreSQL does not let the program take roles.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    _role(role)
    with _changing(database) as cursor:
        cursor.execute(_TAKE, (by, login, role))
        ended = cursor.rowcount
        carry_out(cursor, _of(cursor, login))
    return ended


def list_grants(database: Database) -> list[Grant]:
    """Every grant that was ever made, by login.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    create_audit(database)
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_LIST)
        return [
            Grant(login, role, tuple(municipalities), *rest)
            for login, role, municipalities, *rest in cursor.fetchall()
        ]


@contextmanager
def _changing(database: Database) -> Iterator[Cursor]:
    create_audit(database)
    with (
        closing(database.connect()) as connection,
        changing_tables(connection, "audit") as cursor,
    ):
        if not has_groups(cursor):
            msg = (
                "A role was to be given or taken, and PostgreSQL has not got the roles. Make them "
                "once: vtj-pipeline roles apply."
            )
            raise RoleRefused(msg)
        yield cursor


def _of(cursor: Cursor, login: str) -> list[Change]:
    return login_changes(cursor, only=login)


def _role(name: str) -> Role:
    if name not in GRANTABLE:
        msg = f"The role {name!r} was named; there are {', '.join(GRANTABLE)}."
        raise RoleRefused(msg)
    return GRANTABLE[name]


def _complete(
    role: Role, codes: list[str], reason: str | None, ends_at: datetime | None, now: datetime
) -> None:
    for is_wrong, what in (
        (
            role.by_municipality and not codes,
            f"say which municipalities it sees, by code, or {ALL!r}: none given is none seen",
        ),
        (not role.by_municipality and codes, "it tells of no person: leave municipalities out"),
        (ALL in codes and len(codes) > 1, f"say {ALL!r} alone, or codes"),
        (
            any(code != ALL and not _CODE.fullmatch(code) for code in codes),
            f"a municipality is its code of three digits, or {ALL!r}",
        ),
        (role.must_end and ends_at is None, "say until which day it is needed"),
        (role.must_end and reason is None, "say for what it is needed; no name, no code"),
        (ends_at is not None and ends_at <= now, "the day that it ends has passed"),
    ):
        if is_wrong:
            msg = f"The role {role.name} was not given: {what}."
            raise RoleRefused(msg)


def _reader(cursor: Cursor, login: str) -> None:
    cursor.execute(_LOGIN, (login,))
    can_log_in, sees_all = cursor.fetchone() or (None, False)
    what = None
    if can_log_in is None:
        what = "there is no such login; its administrator makes it (create role … login)"
    elif not can_log_in:
        what = "nobody logs in with that name: roles are given to the logins of single persons"
    elif sees_all:
        what = (
            "it sees every row whatever it is given, since it is a superuser, bypasses row "
            "security, or has the rights of the pipeline's owner; name a person's own login"
        )
    if what is not None:
        msg = f"PostgreSQL's login {login!r} was not given a role: {what}."
        raise RoleRefused(msg)
