"""Tombstones: whose data may not land any more, as keyed hashes of their codes.

A tombstone without an end holds for ever; one with an end for what was recorded until then, so that
who comes back into scope is known again. Keep out the taking out itself (`redaction.py`) and who is
erased and why (`erasure/`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg2.extras import execute_values

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Connection, Cursor
    from vtj_pipeline.privacy import PersonKey

_LOCK = "vtj.tombstones"
_ALL = "select tombstone_id, holds_until, erasure_id from ledger.tombstone"
_REGISTER = "select to_regclass('register.identity_code') is not null"
_OTHERS = "select identity_code from register.identity_code where identity_code = any(%s)"


@dataclass(frozen=True)
class Tombstones:
    """The tombstones at hand.

    Attributes:
        key: What makes them of codes.
        holds_until: Tombstone → the last moment of recording that it holds for; None = all.
        erasures: Tombstone → the erasure that set it.
    """

    key: PersonKey = field(repr=False)
    holds_until: Mapping[UUID, datetime | None] = field(default_factory=dict)
    erasures: Mapping[UUID, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.holds_until)

    def knows(self, code: str) -> bool:
        """Whether a code was ever erased."""
        return self.key.tombstone_of(code) in self.holds_until

    def hold(self, code: str, recorded_at: datetime | None) -> bool:
        """Whether what was recorded of a code at a moment may not be kept; None: any moment."""
        tombstone = self.key.tombstone_of(code)
        if tombstone not in self.holds_until:
            return False
        until = self.holds_until[tombstone]
        return until is None or recorded_at is None or recorded_at <= until

    def still_listed(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that may be asked for: all but those erased for ever."""
        if not self:
            return tuple(codes)
        never = {one for one, until in self.holds_until.items() if until is None}
        return tuple(code for code in codes if self.key.tombstone_of(code) not in never)

    def without_ended(self, erasures: Collection[int]) -> Tombstones:
        """Those whose codes may stand nowhere: held for ever, or set by one of these erasures.

        Who was erased on leaving the scope may have come back since.
        """
        kept = {
            one: until
            for one, until in self.holds_until.items()
            if until is None or self.erasures[one] in erasures
        }
        return Tombstones(self.key, kept, self.erasures)

    def beside(self, code: str) -> tuple[int, datetime | None]:
        """The erasure of a code, and until when it holds: for a further code of the same person."""
        tombstone = self.key.tombstone_of(code)
        return self.erasures[tombstone], self.holds_until[tombstone]


def tombstones_at_hand(connection: Connection, key: PersonKey) -> Tombstones:
    """All tombstones, as the connection's transaction sees them."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        found = [(UUID(str(one)), until, erasure) for one, until, erasure in cursor.fetchall()]
    return Tombstones(
        key,
        {one: until for one, until, _ in found},
        {one: erasure for one, _, erasure in found},
    )


def keep_tombstones_as_they_are(connection: Connection) -> None:
    """Until the transaction's end nobody sets tombstones; landings do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(hashtext(%s))", (_LOCK,))


def wait_for_landings(cursor: Cursor) -> None:
    """Wait until no batch is being landed; until the transaction's end none is."""
    cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", (_LOCK,))


def set_tombstones(
    cursor: Cursor,
    key: PersonKey,
    codes: Collection[str],
    erasure_id: int,
    holds_until: datetime | None,
) -> None:
    """Set the tombstones of some codes; one that holds longer already stays as it is."""
    execute_values(
        cursor,
        "insert into ledger.tombstone (tombstone_id, erasure_id, holds_until) values %s "
        "on conflict (tombstone_id) do update set "
        "erasure_id = excluded.erasure_id, holds_until = excluded.holds_until "
        "where tombstone.holds_until is not null and "
        "(excluded.holds_until is null or excluded.holds_until > tombstone.holds_until)",
        [(str(key.tombstone_of(code)), erasure_id, holds_until) for code in sorted(codes)],
        template="(%s::uuid, %s, %s)",
    )


def lift_tombstones(cursor: Cursor, key: PersonKey, codes: Collection[str]) -> int:
    """Let what the source tells of some codes land again; returns how many had a tombstone."""
    cursor.execute(
        "delete from ledger.tombstone where tombstone_id = any(%s::uuid[])",
        ([str(key.tombstone_of(code)) for code in sorted(codes)],),
    )
    return cursor.rowcount


def codes_of_others(connection: Connection, codes: Collection[str]) -> frozenset[str]:
    """Of these codes those that the register has; before there is one, none."""
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER)
        (is_there,) = cursor.fetchone() or (False,)
        if not is_there:
            return frozenset()
        cursor.execute(_OTHERS, (sorted(codes),))
        return frozenset(code for (code,) in cursor.fetchall())
