"""Who is to be erased: by the codes that somebody asks for, or by the days that a scope keeps.

Keep out the erasing (`erase.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from vtj_pipeline.errors import ErasureRefused
from vtj_pipeline.landing.tombstones import tombstones_at_hand

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey

# With when something was recorded last of whose they are.
_CODES = (
    "select distinct i.identity_code, p.last_recorded from register.identity_code as i "
    "inner join register.person as p on i.person_id = p.person_id where i.recorded_to is null"
)


@dataclass(frozen=True)
class Whom:
    """The persons to be erased.

    Attributes:
        codes: Every code of theirs.
        person_ids: Every person_id that they are or may have been known by.
        persons: How many of them the register has.
        unknown: Codes that the register does not have; answers may hold them all the same.
    """

    codes: frozenset[str] = field(repr=False)
    person_ids: frozenset[str] = field(repr=False)
    persons: int
    unknown: int


def whom_codes_name(database: Database, key: PersonKey, codes: Collection[str]) -> Whom:
    """The persons whose codes these are, with their other codes.

    Raises:
        ErasureRefused: a code of theirs is somebody else's as well, as far as the register knows.
    """
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_statement("persons_of_codes"), {"codes": sorted(codes)})
        persons, theirs, aliases, shared = cursor.fetchone() or ([], [], [], 0)
    if shared:
        msg = (
            f"Persons were to be erased, and {shared} of their codes were given to two persons, so "
            "that what was told under them is partly the other's. Nothing was erased. Leave these "
            "persons out, or have the source settle whose the codes are: their messages cannot be "
            "told apart by code."
        )
        raise ErasureRefused(msg)
    every = frozenset(theirs) | frozenset(codes)
    return Whom(
        codes=every,
        person_ids=frozenset([*persons, *aliases, *(str(key.person_id_of(one)) for one in every)]),
        persons=len(persons),
        unknown=len(frozenset(codes) - frozenset(theirs)),
    )


def who_left_scope(
    database: Database, key: PersonKey, rules: Mapping[str, int], now: datetime
) -> Whom:
    """The persons whom no subscription keeps any longer.

    Args:
        database: With a published register.
        key: Of the person_ids.
        rules: Subscription → days after which it does not keep who has left its scope. Whom a
            subscription without a rule ever told of is kept.
        now: The present moment.

    Raises:
        ErasureRefused: as `whom_codes_name`.
    """
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_statement("left_scope"), {"rules": json.dumps(dict(rules)), "now": now})
        codes = [code for (code,) in cursor.fetchall()]
    return whom_codes_name(database, key, codes)


def whom_tombstones_name(database: Database, key: PersonKey) -> Whom:
    """Who was erased and is in the register all the same: a restored backup has brought them back.

    Who was erased on leaving the scope and came back after that is not among them.

    Raises:
        ErasureRefused: as `whom_codes_name`.
    """
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        tombstones = tombstones_at_hand(connection, key)
        cursor.execute(_CODES)
        codes = [code for code, last in cursor if tombstones.hold(code, last)]
    return whom_codes_name(database, key, codes)


def _statement(name: str) -> str:
    return (files("vtj_pipeline.erasure") / "sql" / f"{name}.sql").read_text("utf-8")
