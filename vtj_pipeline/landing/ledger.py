"""The ledger in PostgreSQL: which files are part of the truth, and how far each day has come.

Add a question here when somebody must be able to prove something about what was fetched. Keep out
files (`storage.py`) and HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from psycopg2.extras import execute_values

from vtj_pipeline.postgres import VersionedSchema, upgrade

if TYPE_CHECKING:
    from vtj_pipeline.landing.pages import Page
    from vtj_pipeline.postgres import Connection, Cursor, Database, Upgrade


LEGACY = "legacy"
"""The kind of what came from files of the retired Muutostietopalvelu."""
LEGACY_CHANGES, LEGACY_BASE = "legacy/changes", "legacy/base"
"""The folders of that kind: changes, and basic data."""


@dataclass(frozen=True)
class LandedBatch:
    """One landed file that the ledger vouches for."""

    batch_id: int
    subscription: str
    kind: str
    partition_day: date | None
    file: str
    sha256: str
    first_cursor: int
    last_cursor: int
    completes_partition: bool
    fetched_to: datetime

    @property
    def tells_changes(self) -> bool:
        """Whether its answers are of changes; else they are of basic data."""
        return self.kind == "change" or f"/{LEGACY_CHANGES}/" in self.file

    @property
    def is_legacy(self) -> bool:
        """Whether it came from files of the retired Muutostietopalvelu."""
        return self.kind == LEGACY


@dataclass(frozen=True)
class NewBatch:
    """What the ledger is told about a file that was just written."""

    subscription: str
    kind: str
    partition_day: date | None
    round_id: int | None
    unit: str
    file: str
    sha256: str
    size: int
    last_cursor: int
    completes_partition: bool
    run_id: str


_COLUMNS = (
    "batch_id, subscription, kind, partition_day, file, sha256, first_cursor, last_cursor, "
    "completes_partition, fetched_to"
)


def ledger_schema() -> VersionedSchema:
    """The ledger's tables as they are now, and the way to them from any earlier ledger."""
    package = "vtj_pipeline.landing"
    ddl = files(package).joinpath("ledger.sql").read_text("utf-8")
    return VersionedSchema("ledger", package, ddl)


def create_ledger(database: Database) -> Upgrade:
    """Make the schema `ledger` where it is not there, or bring it to this program's version.

    Raises:
        DatabaseTooNew: a newer program has been here.
        UpgradeBlocked: somebody uses a table for too long.
    """
    return upgrade(database, ledger_schema())


def landed_batches(database: Database) -> list[LandedBatch]:
    """Every landed batch, in the order of landing."""
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"select {_COLUMNS} from ledger.landing_batch order by batch_id")
            return [LandedBatch(*row) for row in cursor.fetchall()]
    finally:
        connection.close()


def last_batch_of_day(
    connection: Connection, subscription: str, day: date, unit: str | None = None
) -> LandedBatch | None:
    """The newest batch of changes landed for a unit of a partition day, if any.

    A unit has its own cursor: everybody of the subscription, or one part of its code list. None
    means whichever unit landed last.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from ledger.landing_batch where subscription = %s "
            "and kind = 'change' and partition_day = %s and unit = coalesce(%s, unit) "
            "order by batch_id desc limit 1",
            (subscription, day, unit),
        )
        row = cursor.fetchone()
    return LandedBatch(*row) if row else None


def open_round(connection: Connection, subscription: str, run_id: str) -> tuple[int, set[str]]:
    """The round that a baseline goes on with: its id and the units that it has landed.

    An unfinished round is taken up again; otherwise a new one begins.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select round_id from ledger.baseline_round where subscription = %s "
            "and completed_at is null order by round_id desc limit 1",
            (subscription,),
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "insert into ledger.baseline_round (subscription, run_id) values (%s, %s) "
                "returning round_id",
                (subscription, run_id),
            )
            row = cursor.fetchone()
        assert row is not None
        cursor.execute("select unit from ledger.landing_batch where round_id = %s", (row[0],))
        return row[0], {unit for (unit,) in cursor.fetchall()}


def open_day(
    connection: Connection, subscription: str, day: date, units: list[str], run_id: str
) -> int:
    """Record that a day is being fetched, and the units that it needs to be whole."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger.day_round (subscription, partition_day, units, run_id) "
            "values (%s, %s, %s, %s) returning round_id",
            (subscription, day, units, run_id),
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def complete_day(connection: Connection, round_id: int) -> None:
    """Record that every unit of a day has landed."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "update ledger.day_round set completed_at = now() where round_id = %s", (round_id,)
        )


def baseline_is_complete(connection: Connection, subscription: str) -> bool:
    """Whether some round of the subscription's baseline came to its end and none is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(completed_at) > 0 and count(*) = count(completed_at) "
            "from ledger.baseline_round where subscription = %s",
            (subscription,),
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def complete_round(connection: Connection, round_id: int, list_version: int | None) -> None:
    """Record that every unit of a baseline round has landed, of this version of the code list."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "update ledger.baseline_round set completed_at = now(), list_version = %s "
            "where round_id = %s",
            (list_version, round_id),
        )


def record_batch(
    connection: Connection,
    batch: NewBatch,
    pages: list[Page],
    also: Callable[[Cursor, int], None] | None = None,
) -> int:
    """Make a written file part of the truth, batch and calls in one transaction; its number.

    Args:
        connection: To the ledger.
        batch: The file.
        pages: The answers in it.
        also: Writes what else belongs to that transaction; given the batch's id.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger.landing_batch (subscription, kind, partition_day, round_id, unit, "
            "file, sha256, bytes, calls, asked, answered, first_cursor, last_cursor, caught_up, "
            "completes_partition, fetched_from, fetched_to, run_id) values (%s, %s, %s, %s, %s, "
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning batch_id",
            (
                batch.subscription,
                batch.kind,
                batch.partition_day,
                batch.round_id,
                batch.unit,
                batch.file,
                batch.sha256,
                batch.size,
                len(pages),
                sum(page.asked for page in pages),
                sum(page.answered for page in pages),
                pages[0].cursor_in,
                batch.last_cursor,
                pages[-1].caught_up,
                batch.completes_partition,
                min(page.fetched_at for page in pages),
                max(page.fetched_at for page in pages),
                batch.run_id,
            ),
        )
        row = cursor.fetchone()
        assert row is not None
        execute_values(
            cursor,
            "insert into ledger.call (batch_id, sequence, purpose, cursor_in, cursor_out, "
            "caught_up, asked_hash, asked, answered, fetched_at, status, body_sha256, "
            "extraction_date) values %s",
            [
                (
                    row[0],
                    page.sequence,
                    page.purpose,
                    page.cursor_in,
                    page.cursor_out,
                    page.caught_up,
                    page.asked_hash,
                    page.asked,
                    page.answered,
                    page.fetched_at,
                    page.status,
                    page.sha256,
                    page.extraction_date,
                )
                for page in pages
            ],
        )
        batch_id = int(row[0])
        if also is not None:
            also(cursor, batch_id)
    return batch_id
