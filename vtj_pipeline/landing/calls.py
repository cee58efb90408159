"""Every try of a call in the ledger, failed ones too, and the day's quota that all processes share.

Each row is committed on its own at once, apart from what lands: what happened stays known even if
nothing came of it. Keep out bodies, codes and everything that a call was about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import psycopg2

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.errors import BudgetExhausted, DatabaseUnavailable
from vtj_pipeline.landing.report import ledger_connection

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Connection, Database
    from vtj_pipeline.source import Subscription
    from vtj_pipeline.source.retry import TriedCall

CHANGE = "change"
_TAKE = """
insert into ledger.quota_day as q (subscription, day, calls) values (%(name)s, %(day)s, 1)
on conflict (subscription, day) do update set calls = q.calls + 1
where q.calls < %(most)s
returning calls
"""
_RECORD = (
    "insert into ledger.source_call (subscription, kind, purpose, attempt, started_at, seconds, "
    "status, error, run_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class LedgerCalls:
    """A `CallLog` that keeps its rows in the ledger; safe to share by threads.

    Made by `recorded_calls`.
    """

    def __init__(
        self,
        connection: Connection,
        subscription: Subscription,
        *,
        kind: str,
        run_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._subscription = subscription
        self._kind = kind
        self._run_id = run_id
        self._clock = clock
        self._lock = threading.Lock()

    def take(self, purpose: str) -> None:
        """Take one call of the day's quota, before it is made.

        Raises:
            BudgetExhausted: the quota has none left for this kind of work.
            DatabaseUnavailable: the ledger cannot be asked.
        """
        day = self._clock().astimezone(HELSINKI).date()
        most = self._most()
        values = {"name": self._subscription.name, "day": day, "most": most}
        # The first call of a day is an insert, which no condition guards.
        if most <= 0 or not self._execute(_TAKE, values):
            raise BudgetExhausted(self._message(purpose, day, most))

    def record(self, call: TriedCall) -> None:
        """Keep a row of a try that was made.

        Raises:
            DatabaseUnavailable: the ledger cannot be written.
        """
        self._execute(
            _RECORD,
            (
                self._subscription.name,
                self._kind,
                call.purpose,
                call.attempt,
                call.started_at,
                call.seconds,
                call.status,
                call.error,
                self._run_id,
            ),
        )

    def _most(self) -> int:
        quota = self._subscription.quota_calls_per_day
        if quota is None:
            return 2**31 - 1
        return quota if self._kind == CHANGE else quota - self._subscription.reserve

    def _execute(self, statement: str, values: Sequence[object] | Mapping[str, object]) -> bool:
        """Do and commit a statement; whether it returned a row."""
        lost = False
        row = None
        try:
            with self._lock, self._connection, self._connection.cursor() as cursor:
                cursor.execute(statement, values)
                row = cursor.fetchone() if cursor.description else None
        except (psycopg2.OperationalError, psycopg2.InterfaceError, DatabaseUnavailable):
            lost = True
        if lost:
            msg = (
                "The ledger was to be told of a call and PostgreSQL does not answer any more. What "
                "has landed is kept: start the same again when the server runs."
            )
            raise DatabaseUnavailable(msg)
        return row is not None

    def _message(self, purpose: str, day: date, most: int) -> str:
        quota = self._subscription.quota_calls_per_day
        kept = "" if self._kind == CHANGE else f", {quota} less what is kept for the night"
        return (
            f"{purpose} was to be called; subscription {self._subscription.name} has used the "
            f"{most} calls of {day} that {self._kind} may make{kept}. What has landed is kept: "
            "start the same again tomorrow, or raise quota_calls_per_day in the subscriptions file."
        )


_WHO_WE_ARE = (401, 403)


@contextmanager
def recorded_calls(
    database: Database,
    subscription: Subscription,
    *,
    kind: str,
    run_id: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[LedgerCalls]:
    """The log of the calls that one run makes for a subscription.

    Args:
        database: Where the ledger is.
        subscription: Whose calls and whose quota.
        kind: What the calls are for: `change` may use the whole quota, all else leaves the reserve.
        run_id: The run, for the ledger.
        clock: The present moment; its day in Finland is the quota's.
    """
    with ledger_connection(database) as connection:
        yield LedgerCalls(connection, subscription, kind=kind, run_id=run_id, clock=clock)


def was_refused_since(database: Database, subscription: str, moment: datetime) -> bool:
    """Whether the last call since a moment was refused for who we are (401) or may do (403)."""
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "select status from ledger.source_call where subscription = %s and started_at >= %s "
            "order by call_id desc limit 1",
            (subscription, moment),
        )
        row = cursor.fetchone()
    return row is not None and row[0] in _WHO_WE_ARE


def calls_of_day(database: Database, subscription: str, day: date) -> int:
    """The calls made for a subscription on a Finnish day, by all processes together."""
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "select calls from ledger.quota_day where subscription = %s and day = %s",
            (subscription, day),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
