"""A small population with everything that a right is about, and logins that hold roles to it.

Keep out what is expected of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg2

from vtj_pipeline.postgres import Connection, Database
from vtj_pipeline.privacy.roles import Wanted, apply_roles, give_role
from vtj_pipeline_tests.views.conftest import KEPT, TODAY, BuiltViews, Register

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE, THERE = "091", "049"
SETTINGS: tuple[dict[str, str], ...] = (
    {"valid_at": TODAY},
    {"valid_at": "2026-02-01", "recorded_at": "2026-03-10 00:00+02"},
)
# Name of a login → role and municipalities.
HELD: dict[str, tuple[str, tuple[str, ...]]] = {
    "here": ("caseworker", (HERE,)),
    "there": ("caseworker", (THERE,)),
    "both": ("caseworker", (HERE, THERE)),
    "everywhere": ("caseworker", ("all",)),
    "withheld_here": ("protected", (HERE,)),
    "withheld_everywhere": ("protected", ("all",)),
    "figures_here": ("analyst", (HERE,)),
    "figures_everywhere": ("analyst", ("all",)),
    "operates": ("operator", ()),
    "audits": ("auditor", ()),
}
STREET = "Markkatu"


def in_a_week() -> datetime:
    return datetime.now(UTC) + timedelta(days=7)


@dataclass
class Town:
    """A database with views, people and roles.

    Attributes:
        built: The database, and where dbt compiled.
        people: Who is who: a word for each → person_id.
    """

    built: BuiltViews
    people: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.built.database

    @property
    def name(self) -> str:
        """The database's."""
        return self.database.url.split("?")[0].rpartition("/")[2]

    def login(self, name: str) -> str:
        """The cluster's name of a login: other databases of the server have theirs."""
        return f"{name}_{self.name}"

    def make_login(self, name: str) -> str:
        login = self.login(name)
        execute(self.database, f"create role {login} login")
        return login

    def give(self, name: str, role: str, *codes: str) -> None:
        until = in_a_week().date() if role == "protected" else None
        wanted = Wanted(self.login(name), role, codes, until, "case 1" if until else None)
        give_role(self.database, wanted, by="test", now=datetime.now(UTC))

    @contextmanager
    def session(self, name: str | None = None, **settings: str) -> Iterator[Session]:
        """A session of a login's own (None: the owner's), as of some settings."""
        url = self.database.url
        if name is not None:
            url = re.sub(r"//\w+:?@", f"//{self.login(name)}@", url)
        with closing(Database(url).connect()) as connection:
            connection.autocommit = True
            session = Session(connection)
            for key, value in settings.items():
                session.ask("select set_config(%s, %s, false)", f"vtj.{key}", value)
            yield session


@dataclass(frozen=True)
class Session:
    """What somebody asks in a session."""

    connection: Connection

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def table(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values or None)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def is_refused(self, query: str) -> bool:
        """Whether the session has no right to what is asked."""
        try:
            self.ask(query)
        except psycopg2.errors.InsufficientPrivilege:
            return True
        return False


def execute(database: Database, statements: str) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statements)


def settle(town: Town) -> None:
    """Let people live in the town, make the roles and give them to logins."""
    with closing(town.database.connect()) as connection:
        register = Register(connection, town.built.kept(*KEPT))
        for code in (HERE, THERE):
            register.insert("scope_municipality", {"subscription": "s", "municipality_code": code})
        town.people.update(_people(register))
        register.ask("select 1")
        connection.commit()
    execute(town.database, "insert into timeline.pseudonym select person_id, gen_random_uuid() "
            "from register.person")  # fmt: skip
    apply_roles(town.database)
    for name, (role, codes) in HELD.items():
        town.make_login(name)
        town.give(name, role, *codes)
    town.make_login("nobody")


def _people(register: Register) -> Iterator[tuple[str, str]]:
    for number, (word, code) in enumerate(
        (("here", HERE), ("there", THERE), ("hidden_here", HERE), ("hidden_there", THERE))
    ):
        key = _resident(register, word, code, "1980-02-01", str(number))
        yield word, key
        if word.startswith("hidden"):
            register.add("protection_order", key, is_active=True)
    unknown = _named(register, "Unknown", "1970-02-01")
    register.add("home_municipality", unknown, withheld=True)
    yield "unknown", unknown
    moved = _named(register, "Moved", "1985-02-01")
    register.live(moved, HERE, "2015-01-01", valid_to="2026-01-10")
    register.live(moved, THERE, "2026-01-10")
    register.dwell(moved, "2026-01-10", municipality_code=THERE, building_id="9")
    yield "moved", moved
    for code, words in (
        (HERE, ("child_here", "baby_here")),
        (THERE, ("child_there", "baby_there")),
    ):
        for word, born in zip(words, ("2020-05-05", "2026-01-20"), strict=True):
            yield word, _resident(register, word, code, born, word)
        dead = _resident(register, f"dead_{code}", code, "1940-05-05", f"dead {code}")
        register.add("death", dead, is_dead=True, death_date="2026-01-25")
        yield f"dead_{code}", dead
        no_dwelling = _named(register, f"homeless_{code}", "1977-02-01")
        register.live(no_dwelling, code)
        yield f"homeless_{code}", no_dwelling


def _resident(register: Register, word: str, code: str, born: str, building: str) -> str:
    key = _named(register, word.capitalize(), born)
    since = max(born, "2015-01-01")
    register.live(key, code, since)
    register.dwell(key, since, municipality_code=code, street_fi=STREET, building_id=building)
    # A language that is a minority's wherever it is spoken.
    register.change("language", key, language_code="ar")
    return key


def _named(register: Register, name: str, born: str) -> str:
    key = register.person(born=born)
    register.change("name", key, last_name=name)
    listed = {"first_recorded": "2020-01-01", "last_recorded": "2020-01-01"}
    register.insert("scope_member", {"subscription": "codes", "person_id": key, **listed})
    return key


def names(rows: Sequence[dict[str, Any]]) -> set[str]:
    return {row["last_name"] for row in rows}
