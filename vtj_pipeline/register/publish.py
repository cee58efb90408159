"""Publication: the folded rows of touched persons against what stands, in one transaction.

Add what a publication must write. Keep out how rows are folded (`fold.py`, `sql/fold_*.sql`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import EventsError, RegisterBusy
from vtj_pipeline.events import events_path, fingerprint
from vtj_pipeline.landing import LandedBatch, Storage, landed_batches
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline.register.fold_engine import FoldEngine, fold_engine
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adbc_driver_manager.dbapi import Cursor

    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]
WRITER_LOCK = "vtj.register.writer"


@dataclass(frozen=True)
class PublicationReport:
    """What one publication changed: rows per table, and 0 everywhere when there was nothing."""

    publication_id: int | None = None
    batches: int = 0
    persons: int = 0
    inserted: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    seconds: float = 0.0

    @property
    def nothing_to_do(self) -> bool:
        """Whether everything landed had been published before."""
        return self.publication_id is None


def publish_pending(
    database: Database,
    storage: Storage,
    settings: Settings,
    scope: Mapping[str, tuple[str, ...]],
    *,
    run_id: str,
    progress: Progress | None = None,
    catalogue: Catalogue = CATALOGUE,
    rebuild: bool = False,
) -> PublicationReport:
    """Fold and publish every landed batch that the register has not taken in.

    Args:
        database: Where ledger and register stand.
        storage: Where landed and events files stand.
        settings: For the key of person_id and the memory of the fold.
        scope: Subscription → municipalities, for the products by home municipality.
        run_id: Written into the publication.
        progress: Told of each table.
        catalogue: The groups and tables to fold.
        rebuild: Fold every person anew; only differences are written all the same.

    Raises:
        EventsError: a landed batch has no events file yet.
        RegisterBusy: another run is publishing.
    """
    started = time.perf_counter()
    with _writer_lock(database):
        _publish_scope(database, scope)
        batches = landed_batches(database)
        applied, known_fingerprint = _applied(database)
        everyone = rebuild or known_fingerprint not in (None, fingerprint(catalogue))
        pending = [b for b in batches if everyone or b.batch_id not in applied]
        if not pending:
            return PublicationReport(seconds=time.perf_counter() - started)
        _require_events(batches, storage, catalogue)
        with fold_engine(
            storage.absolute("tmp"), settings.fold_memory, person_key(settings), catalogue
        ) as engine:
            work = _Publication(database, storage, engine, catalogue, progress)
            is_repeat = known_fingerprint == fingerprint(catalogue) and applied.issuperset(
                b.batch_id for b in pending
            )
            return work.run(batches, pending, everyone or not applied, is_repeat, run_id, started)


class _Publication:
    def __init__(
        self,
        database: Database,
        storage: Storage,
        engine: FoldEngine,
        catalogue: Catalogue,
        progress: Progress | None,
    ) -> None:
        self._database = database
        self._storage = storage
        self._engine = engine
        self._catalogue = catalogue
        self._progress = progress

    def run(
        self,
        batches: list[LandedBatch],
        pending: list[LandedBatch],
        everyone: bool,
        is_repeat: bool,
        run_id: str,
        started: float,
    ) -> PublicationReport:
        connection = self._database.adbc()
        try:
            with connection.cursor() as cursor:
                persons = self._read(cursor, batches, pending, everyone)
                counts = self._write_tables(cursor)
                quarantined = self._quarantine(cursor, pending)
                if is_repeat and not any(sum(c) for c in counts.values()):
                    connection.rollback()
                    return PublicationReport(seconds=time.perf_counter() - started)
                publication = self._record(cursor, pending, persons, counts, run_id)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()
        return PublicationReport(
            publication_id=publication,
            batches=len(pending),
            persons=persons,
            inserted={table: c[2] for table, c in counts.items()},
            ended={table: c[1] for table, c in counts.items()},
            removed={table: c[0] for table, c in counts.items()},
            quarantined=quarantined,
            seconds=time.perf_counter() - started,
        )

    def _read(
        self,
        cursor: Cursor,
        batches: list[LandedBatch],
        pending: list[LandedBatch],
        everyone: bool,
    ) -> int:
        """Bring in events and identities; leaves the temporary table `touched`."""
        codes = self._engine.read_new(self._files(pending))
        if everyone:
            self._engine.read_events(self._files(batches), None)
            cursor.execute("select person_id::text as person_id from register.person")
            standing = cursor.fetch_arrow_table()
        else:
            _stage(cursor, "touched_code", codes)
            cursor.execute(render("widen.sql"))
            standing = cursor.fetch_arrow_table()
            self._engine.read_events(self._files(batches), standing.select(["code"]))
        persons = self._engine.identify()
        touched = pa.chunked_array(
            [
                *persons["person_id"].cast(pa.string()).chunks,
                *standing["person_id"].cast(pa.string()).chunks,
            ],
            type=pa.string(),
        ).unique()
        _stage(cursor, "touched", pa.table({"person_id": touched}))
        return int(persons.num_rows)

    def _write_tables(self, cursor: Cursor) -> dict[str, tuple[int, int, int]]:
        counts = {}
        tables = list(self._catalogue.tables.values())
        for done, table in enumerate(tables):
            if self._progress:
                self._progress("register", done, len(tables) + 1)
            _stage(cursor, "staged", self._engine.fold(table), index="row_id")
            statement = render("apply.sql", table=table.name, columns=all_columns(table))
            counts[table.name] = _counts(cursor, statement)
        _stage(cursor, "staged", self._engine.persons(), index="person_id")
        counts["person"] = _counts(cursor, render("apply_person.sql"))
        return counts

    def _quarantine(self, cursor: Cursor, pending: list[LandedBatch]) -> int:
        faults = self._engine.faults()
        if faults.num_rows == 0:
            return 0
        names = {file: b.batch_id for file, b in zip(self._files(pending), pending, strict=True)}
        ids = pa.array([names[f] for f in faults["filename"].to_pylist()], pa.int64())
        _stage(cursor, "staged", faults.drop_columns(["filename"]).append_column("batch_id", ids))
        return _one(cursor, render("quarantine.sql"))

    def _record(
        self,
        cursor: Cursor,
        pending: list[LandedBatch],
        persons: int,
        counts: dict[str, tuple[int, int, int]],
        run_id: str,
    ) -> int:
        ids = pa.array([b.batch_id for b in pending], pa.int64())
        _stage(cursor, "staged", pa.table({"batch_id": ids}))
        text = json.dumps(
            {t: {"removed": c[0], "ended": c[1], "inserted": c[2]} for t, c in counts.items()}
        )
        cursor.execute(
            render("record_publication.sql"),
            (run_id, len(pending), persons, text, fingerprint(self._catalogue)),
        )
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])

    def _files(self, batches: list[LandedBatch]) -> list[str]:
        return [str(self._storage.absolute(events_path(b, self._catalogue))) for b in batches]


def _stage(cursor: Cursor, name: str, rows: pa.Table, *, index: str | None = None) -> None:
    cursor.execute(f"drop table if exists pg_temp.{name}")
    cursor.adbc_ingest(name, rows, mode="create", temporary=True)
    if index is not None:
        cursor.execute(f"create index on pg_temp.{name} (({index}::uuid))")
    cursor.execute(f"analyze pg_temp.{name}")


def _counts(cursor: Cursor, statement: str) -> tuple[int, int, int]:
    cursor.execute(statement)
    row = cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _one(cursor: Cursor, statement: str) -> int:
    cursor.execute(statement)
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _require_events(batches: list[LandedBatch], storage: Storage, catalogue: Catalogue) -> None:
    missing = [b for b in batches if not storage.exists(events_path(b, catalogue))]
    if missing:
        msg = (
            f"{len(missing)} landed batches have no events file yet, the first is "
            f"{missing[0].file}. Materialise the events first."
        )
        raise EventsError(msg)


def _applied(database: Database) -> tuple[set[int], str | None]:
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select batch_id from register.applied_batch")
            applied = {row[0] for row in cursor.fetchall()}
            cursor.execute(
                "select catalogue_fingerprint from register.publication "
                "order by publication_id desc limit 1"
            )
            row = cursor.fetchone()
    finally:
        connection.close()
    return applied, row[0] if row else None


def _publish_scope(database: Database, scope: Mapping[str, tuple[str, ...]]) -> None:
    wanted = {(name, code) for name, codes in scope.items() for code in codes}
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select subscription, municipality_code from register.scope_municipality"
            )
            standing = set(cursor.fetchall())
            cursor.executemany(
                "delete from register.scope_municipality "
                "where subscription = %s and municipality_code = %s",
                sorted(standing - wanted),
            )
            cursor.executemany(
                "insert into register.scope_municipality values (%s, %s)",
                sorted(wanted - standing),
            )
    finally:
        connection.close()


@contextmanager
def _writer_lock(database: Database) -> Iterator[None]:
    connection = database.connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext(%s))", (WRITER_LOCK,))
            row = cursor.fetchone()
            if row is None or not row[0]:
                msg = (
                    "The register was to be published, and another run is writing it. Wait for "
                    "that run to end and start this one again; nothing is lost meanwhile."
                )
                raise RegisterBusy(msg)
            yield
    finally:
        connection.close()
