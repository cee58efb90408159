"""What has to change so that roles and rights are as `rights.py` says; nothing where they are.

Every statement brings one thing from how it is to how it must be, so that a plan that was carried
out leaves an empty one. Add what is to be kept here. Keep out who holds which role (`grants.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from vtj_pipeline.privacy.roles.rights import KEPT_TABLES, ROLES, SCHEMAS, Role

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor

_GROUPS = [role.group for role in ROLES]
_OWNER = next(role for role in ROLES if role.owns)
_EVERYBODY = "public"
_ATTRIBUTES = "nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
_OWNERS_RIGHTS = {
    "schema": ("usage",),
    "view": ("select",),
    "table": ("select", "insert", "update", "delete"),
    "function": ("execute",),
}
_ON = {"schema": "schema ", "function": "function ", "view": "", "table": ""}
# PostgreSQL before 16 lets whoever may create roles give any of them away.
_ADMIN_OPTION = 160000


@dataclass(frozen=True)
class Change:
    """One statement.

    Attributes:
        what: What it does, in a few words; equal for statements of one kind.
        statement: As PostgreSQL takes it.
        is_of_cluster: It concerns roles of the cluster, or who may come in.
    """

    what: str
    statement: str
    is_of_cluster: bool = False


@dataclass(frozen=True)
class _Right:
    kind: str
    name: str
    schema: str
    privilege: str
    grantee: str


def planned(cursor: Cursor, *, by_administrator: bool = False) -> list[Change]:
    """Everything that has to change, in order.

    Args:
        cursor: In a database that has the schema `audit`.
        by_administrator: Whether somebody else carries it out, who may do everything; the
            session's own login is then made able to give the roles to others.
    """
    return [
        *_role_changes(cursor, by_administrator=by_administrator),
        *_connect_changes(cursor),
        *rights_changes(cursor),
        *login_changes(cursor),
    ]


def rights_changes(cursor: Cursor) -> list[Change]:
    """What has to change on schemas, tables and views: the owner of them may do it all."""
    return [*_privilege_changes(cursor), *_policy_changes(cursor)]


def has_groups(cursor: Cursor) -> bool:
    """Whether the cluster has every group role."""
    cursor.execute("select count(*) from pg_roles where rolname = any(%s)", (_GROUPS,))
    (found,) = cursor.fetchone() or (0,)
    return bool(found == len(_GROUPS))


def _role_changes(cursor: Cursor, *, by_administrator: bool) -> Iterator[Change]:
    present = {name: rest for name, *rest in _asked(cursor, "present_roles.sql")}
    own, is_super, gives_any = _session(cursor)
    for role in ROLES:
        group = _identifier(cursor, role.group)
        is_harmless, may_give, is_member = present.get(role.group, (True, False, False))
        if role.group not in present:
            yield _of_cluster("a role is made", f"create role {group} {_ATTRIBUTES}")
        elif not is_harmless:
            yield _of_cluster(
                "a group loses what no group has", f"alter role {group} {_ATTRIBUTES}"
            )
        if role.owns and not is_super and not is_member:
            yield _of_cluster("the program is among the owners", f"grant {group} to {own}")
        if by_administrator and not (may_give or is_super or gives_any):
            yield _of_cluster(
                "the program may give the role to logins",
                f"grant {group} to {own} with admin option",
            )


def _session(cursor: Cursor) -> tuple[str, bool, bool]:
    """The session's login, quoted; whether it is a superuser; whether it may give any role."""
    cursor.execute(
        "select quote_ident(current_user), rolsuper, "
        "rolcreaterole and current_setting('server_version_num')::integer < %s "
        "from pg_roles where rolname = current_user",
        (_ADMIN_OPTION,),
    )
    own, is_super, gives_any = cursor.fetchone() or ("", False, False)
    return own, is_super, gives_any


def _connect_changes(cursor: Cursor) -> Iterator[Change]:
    cursor.execute(
        "select quote_ident(d.datname), exists (select from aclexplode(coalesce(d.datacl, "
        "acldefault('d', d.datdba))) as a where a.grantee = 0 and a.privilege_type = 'CONNECT') "
        "from pg_database as d where d.datname = current_database()"
    )
    name, is_open = cursor.fetchone() or ("", False)
    if is_open:
        # Roles are the cluster's: whoever holds one for another database shall stay outside.
        yield _of_cluster(
            "only logins with a role come into this database",
            f"revoke connect on database {name} from public",
        )


def _privilege_changes(cursor: Cursor) -> Iterator[Change]:
    wanted: set[_Right] = set()
    present: set[_Right] = set()
    for kind, name, schema, relation, privilege, grantee in _asked(cursor, "present_rights.sql"):
        if privilege is not None:
            present.add(_Right(kind, name, schema, privilege, grantee))
        wanted |= {
            _Right(kind, name, schema, one, role.group)
            for role in ROLES
            for one in _rights_of(role, kind, schema, relation)
        }
    yield from _statements(cursor, "revoke", "from", present - wanted)
    yield from _statements(cursor, "grant", "to", wanted - present)


def _rights_of(role: Role, kind: str, schema: str, relation: str | None) -> tuple[str, ...]:
    if kind == "column":
        return ()
    if role.owns:
        return _OWNERS_RIGHTS[kind]
    if kind == "schema":
        of_schema = {table.split(".")[0] for table in role.tables} | set(role.schemas)
        return ("usage",) if schema in of_schema else ()
    if kind == "function":
        mine = tuple(f"{one}_" for one in role.schemas)
        return ("execute",) if mine and str(relation).startswith(mine) else ()
    return ("select",) if role.may_read(schema, str(relation)) else ()


def _statements(cursor: Cursor, verb: str, to: str, rights: set[_Right]) -> Iterator[Change]:
    """One statement for each schema, right and role."""
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for right in rights:
        is_column = right.kind == "column"
        on = "column" if is_column else _ON[right.kind]
        # Each column's right is a statement of its own.
        single = (right.name,) if is_column else ()
        key = (on, right.privilege, right.grantee, right.schema, *single)
        together[key].append(right.name)
    for key, names in sorted(together.items()):
        on, privilege, grantee, schema = key[:4]
        group = grantee if grantee == _EVERYBODY else _identifier(cursor, grantee)
        objects = names[0] if on == "column" else f"on {on}{', '.join(sorted(names))}"
        place = "everything" if grantee == _OWNER.group else schema
        yield Change(
            f"{verb} {privilege} on {place} {to} {grantee}",
            f"{verb} {privilege} {objects} {to} {group}",
        )


def _policy_changes(cursor: Cursor) -> Iterator[Change]:
    for schema, name, is_on, policies in _asked(cursor, "present_policies.sql", KEPT_TABLES):
        table = f"{_identifier(cursor, schema)}.{_identifier(cursor, name)}"
        wanted = _policies(schema, name)
        for policy in sorted(set(policies) - set(wanted)):
            yield Change(
                f"a policy of {schema} that is none of ours goes",
                f"drop policy {_identifier(cursor, policy)} on {table}",
            )
        for policy, rule in wanted.items():
            if policy not in policies:
                what = f"a policy of {schema} for {policy}"
                yield Change(what, f"create policy {policy} on {table} {rule}")
        if not is_on:
            yield Change(
                f"rows of {schema} are the owner's but for its policies",
                f"alter table {table} enable row level security",
            )


def _policies(schema: str, name: str) -> dict[str, str]:
    """Role → the rule by which it sees rows; asked once for a query, not for every row."""
    owner = "(select audit.is_owner())"
    return {_OWNER.name: f"using ({owner}) with check ({owner})"} | {
        role.name: f"for select using ((select audit.holds('{role.name}')))"
        for role in ROLES
        if not role.owns and role.may_read(schema, name)
    }


def login_changes(cursor: Cursor, *, only: str | None = None) -> list[Change]:
    """Whoever holds a role here has it in PostgreSQL; whoever holds none has no way in.

    Args:
        cursor: In a database that has the schema `audit`.
        only: The one login that is asked about.
    """
    return [
        change
        for login, *rest in _asked(cursor, "present_logins.sql")
        if only in (None, login)
        for change in _changes_of(cursor, login, *rest)
    ]


def _changes_of(
    cursor: Cursor,
    login: str,
    is_there: bool,
    held: list[str],
    groups: list[str],
    may_connect: bool,
    is_elsewhere: bool,
) -> Iterator[Change]:
    if not is_there:
        return
    cursor.execute("select quote_ident(current_database())")
    (here,) = cursor.fetchone() or ("",)
    name = _identifier(cursor, login)
    wanted = {role.group for role in ROLES if role.name in held}
    for group in sorted(wanted - set(groups)):
        yield _of_cluster(f"{login} gets {group}", f"grant {group} to {name}")
    # What it holds in another database of the cluster is not known here.
    for group in () if is_elsewhere else sorted(set(groups) - wanted - {_OWNER.group}):
        yield _of_cluster(f"{login} loses {group}", f"revoke {group} from {name}")
    if bool(held) != may_connect:
        verb, to = ("grant", "to") if held else ("revoke", "from")
        yield _of_cluster(
            f"{login} {'may' if held else 'may not'} come in",
            f"{verb} connect on database {here} {to} {name}",
        )


def _asked(cursor: Cursor, file: str, schemas: tuple[str, ...] = SCHEMAS) -> list[tuple[Any, ...]]:
    query = (files("vtj_pipeline.privacy") / "sql" / file).read_text("utf-8")
    cursor.execute(query, {"schemas": list(schemas), "groups": _GROUPS})
    return cursor.fetchall()


def _identifier(cursor: Cursor, name: str) -> str:
    return str(sql.Identifier(name).as_string(cursor))


def _of_cluster(what: str, statement: str) -> Change:
    return Change(what, statement, is_of_cluster=True)
