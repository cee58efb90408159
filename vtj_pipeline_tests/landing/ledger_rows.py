"""A ledger of days written by hand: what the program reads of it, without landing anything.

Add another kind of row when a test needs it. Keep out what is asked of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg2.extras import execute_values

from vtj_pipeline.postgres import Database

_BATCH = (
    "ledger.landing_batch (subscription, kind, partition_day, round_id, unit, file, sha256, bytes, "
    "calls, asked, answered, first_cursor, last_cursor, caught_up, completes_partition, "
    "fetched_from, fetched_to, run_id)"
)


@dataclass
class LedgerRows:
    """Rows of one subscription."""

    database: Database
    subscription: str = "towns"
    batches: int = 0

    def landed(
        self,
        day: date,
        first: int,
        last: int,
        *,
        answered: int = 0,
        whole: bool = True,
        unit: str = "all",
        at: datetime | None = None,
        run_id: str = "run",
    ) -> None:
        """A batch of a day of changes."""
        self._batch("change", day, None, unit, first, last, answered, whole, at, run_id)

    def day(self, day: date, units: list[str]) -> None:
        """A day that was fetched to its end, of these units."""
        columns = "ledger.day_round (subscription, partition_day, units, run_id, completed_at)"
        self.fill(columns, (self.subscription, day, units, "run", datetime.now(UTC)))

    def baseline(self, day: date, cursor: int) -> None:
        """A baseline that came to its end."""
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
        round_id = self.fill(
            "ledger.baseline_round (subscription, run_id, completed_at)",
            (self.subscription, "run", at),
            "round_id",
        )
        batch_id = self._batch(
            "baseline", None, round_id, "all", cursor, cursor, 0, True, at, "run"
        )
        self.fill(
            "ledger.call (batch_id, sequence, purpose, cursor_in, asked_hash, asked, answered, "
            "fetched_at, status, body_sha256)",
            (batch_id, 0, "perustiedot", cursor, "", 0, 0, at, 200, ""),
        )

    def fill(self, table: str, row: tuple[Any, ...], returning: str | None = None) -> Any:
        """Insert a row; `table` with its columns."""
        more = f" returning {returning}" if returning else ""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                execute_values(cursor, f"insert into {table} values %s{more}", [row])
                return cursor.fetchone()[0] if returning else None  # type: ignore[index]
        finally:
            connection.close()

    def _batch(
        self,
        kind: str,
        day: date | None,
        round_id: int | None,
        unit: str,
        first: int,
        last: int,
        answered: int,
        whole: bool,
        at: datetime | None,
        run_id: str,
    ) -> int:
        self.batches += 1
        at = at or datetime.now(UTC)
        row = (
            self.subscription, kind, day, round_id, unit, str(self.batches), "", 0, 1, 0, answered,
            first, last, False, whole, at, at, run_id,
        )  # fmt: skip
        return int(self.fill(_BATCH, row, "batch_id"))
