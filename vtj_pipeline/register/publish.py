"""Publication: the folded rows of touched persons against what stands, in one transaction.

Add here what is to be published and when. Keep out how rows are folded (`fold.py`, `sql/`) and how
they are written (`writer.py`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.errors
import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import DatabaseUnavailable, EventsError, RegisterBusy
from vtj_pipeline.events import events_path, fingerprint
from vtj_pipeline.landing import LandedBatch, Storage, clear_scratch, landed_batches
from vtj_pipeline.postgres import adbc_answers
from vtj_pipeline.register.findings import Unknown, refresh_requests, unknown_things
from vtj_pipeline.register.fold import fold_statement
from vtj_pipeline.register.fold_engine import PERSONS_REST_ON
from vtj_pipeline.register.folding import folding
from vtj_pipeline.register.guard import Guard, Limits
from vtj_pipeline.register.known_key import known_person_key
from vtj_pipeline.register.scope import publish_scope
from vtj_pipeline.register.spark import drop_left_staging
from vtj_pipeline.register.template import statements_text
from vtj_pipeline.register.touched import Granted, events_file, read_touched
from vtj_pipeline.register.unknown import UnknownCounter, codes_statement
from vtj_pipeline.register.writer import Changes, RegisterWriter
from vtj_pipeline.register.writing import Writing

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.register.folded import FoldedTable
    from vtj_pipeline.register.folds import Folds
    from vtj_pipeline.register.staged import StagedTable
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]
WRITER_LOCK = "vtj.register.writer"
_HOME = "home_municipality"
"""What tells who is in scope, with the persons."""
_LARGE = ("address", "residence")


@dataclass(frozen=True)
class PublicationReport:
    """What one publication changed: rows per table, and 0 everywhere when there was nothing.

    `anomalies` are rows that did not fit, by kind, in the histories that were folded. `unknown` and
    `refresh_requests` (persons by reason) are as they stand afterwards, changed or not.
    """

    publication_id: int | None = None
    batches: int = 0
    persons: int = 0
    inserted: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    anomalies: dict[str, int] = field(default_factory=dict)
    unknown: tuple[Unknown, ...] = ()
    refresh_requests: dict[str, int] = field(default_factory=dict)
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
    granted: Granted | None = None,
    rebuild: bool = False,
) -> PublicationReport:
    """Fold and publish every landed batch that the register has not taken in.

    Args:
        database: Where ledger and register stand.
        storage: Where landed and events files stand.
        settings: For the key of person_id, and where and in how much memory to fold.
        scope: Subscription → municipalities, for the products by home municipality.
        run_id: Written into the publication.
        progress: Told of each table.
        catalogue: The groups and tables to fold.
        granted: Subscription → groups that its permit is known to cover, so that their absence from
            a person's basic data means that there is nothing to tell. A subscription that is not
            here may leave out anything without meaning it.
        rebuild: Fold every person anew, and compare every row that stands whole, which may have
            been damaged; only differences are written all the same.

    Raises:
        EventsError: a landed batch has no events file yet.
        OtherPersonKey: the register's person_ids were made with another key.
        PublicationRefused: it would take too many persons away, or they are the wrong ones.
        RegisterBusy: another run is publishing.
        ClusterUnavailable: it was to be folded by Spark, which does not answer.
    """
    started = time.perf_counter()
    granted = granted or {}
    with _writer_lock(database):
        key = known_person_key(database, settings)
        drop_left_staging(database)
        applied, known_fingerprint, last_publication = _applied(database)
        limits = Limits.of(settings, last_publication)
        publish_scope(database, scope, limits)
        batches = landed_batches(database)
        current = rules_fingerprint(catalogue, granted)
        everyone = rebuild or known_fingerprint not in (None, current)
        pending = [b for b in batches if everyone or b.batch_id not in applied]
        if not pending:
            # A run that was killed right after its commit left them, and left nothing to publish.
            clear_scratch(storage.scratch)
            return _standing(PublicationReport(), database, started)
        _require_events(batches, storage, catalogue)
        with folding(database, storage, settings, key, catalogue) as engine:
            work = _Publication(
                database,
                storage,
                engine,
                catalogue,
                granted,
                limits,
                progress,
                everyone=everyone or not applied,
                is_repair=rebuild,
            )
            is_repeat = known_fingerprint == current and applied.issuperset(
                b.batch_id for b in pending
            )
            return _standing(
                work.run(batches, pending, is_repeat, run_id, current), database, started
            )


def rules_fingerprint(catalogue: Catalogue, granted: Granted | None = None) -> str:
    """A short hash of all that decides what events fold into; a change folds everyone anew."""
    permits = json.dumps({name: sorted(groups) for name, groups in sorted((granted or {}).items())})
    return hashlib.sha256(f"{_rules(catalogue)}\n{permits}".encode()).hexdigest()[:12]


@cache
def _rules(catalogue: Catalogue) -> str:
    return "\n".join(
        [
            fingerprint(catalogue),
            *(fold_statement(table, catalogue) for table in catalogue.tables.values()),
            # What stands was counted by the codes that were known then.
            *(
                codes_statement(t, catalogue, standing=True) or ""
                for t in catalogue.tables.values()
            ),
            statements_text(),
        ]
    )


@dataclass(frozen=True)
class _Publication:
    database: Database
    storage: Storage
    engine: Folds
    catalogue: Catalogue
    granted: Granted
    limits: Limits
    progress: Progress | None
    everyone: bool
    is_repair: bool

    @adbc_answers()
    def run(
        self,
        batches: list[LandedBatch],
        pending: list[LandedBatch],
        is_repeat: bool,
        run_id: str,
        rules: str,
    ) -> PublicationReport:
        connection = self.database.adbc()
        try:
            with connection.cursor() as cursor:
                writer = RegisterWriter(cursor, everyone=self.everyone, is_repair=self.is_repair)
                unknown = UnknownCounter(
                    self.catalogue, self.everyone, unknown_things(self.database)
                )
                guard = Guard(cursor, self.limits, everyone=self.everyone)
                persons = read_touched(
                    self.engine,
                    writer,
                    batches,
                    pending,
                    self.storage,
                    self.catalogue,
                    self.granted,
                    narrows=True,
                    meanwhile=guard.look,
                )
                unknown.add_events(self.engine)
                changes = self._write_tables(writer, unknown, guard)
                anomalies = self.engine.anomalies()
                changes["quarantine"] = self._quarantine(writer, pending)
                is_same = not any(changed.any for changed in changes.values())
                if is_repeat and is_same and unknown.is_as_it_stood:
                    connection.rollback()
                    return PublicationReport()
                ids = [b.batch_id for b in pending]
                publication = writer.record(run_id, ids, persons, changes, rules, anomalies)
                writer.record_unknown(unknown.as_table(), publication)
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
            inserted={table: c.inserted for table, c in changes.items()},
            ended={table: c.ended for table, c in changes.items()},
            removed={table: c.removed for table, c in changes.items()},
            quarantined=changes["quarantine"].inserted,
            anomalies=anomalies,
        )

    def _write_tables(
        self, writer: RegisterWriter, unknown: UnknownCounter, guard: Guard
    ) -> dict[str, Changes]:
        """Write tables while others are folded: one is PostgreSQL's work, one DuckDB's.

        The guard judges as soon as what it asks about stands.
        """
        tables = tables_in_order(self.catalogue)
        scope = _HOME if _HOME in self.catalogue.tables else tables[-1].name
        # Of everyone, no more than two tables are in memory.
        with Writing(writer, 1 if self.everyone else None) as writing:
            for done, table in enumerate(tables):
                if self.progress:
                    self.progress("register", done, len(tables) + 1)
                folded = self.engine.fold(table)
                unknown.add_folded(self.engine, table)
                writing.write(table.name, _write_one, writer, unknown, table, folded)
                if table.name == PERSONS_REST_ON[-1]:
                    writing.write("person", writer.write_person, self.engine.persons())
                    writing.write("person_alias", writer.write_aliases, self.engine.aliases())
                if table.name == scope:
                    writing.write("scope_member", writer.write_members, self.engine.told())
                    writing.then(guard.judge)
                if table.names_a_person and not self.everyone:
                    writing.write(table.name, writer.relate, table.name)
            requests = self.engine.refresh_requests()
            writing.write("refresh_request", writer.write_requests, requests)
            return writing.done()

    def _quarantine(self, writer: RegisterWriter, pending: list[LandedBatch]) -> Changes:
        faults = self.engine.faults()
        names = {events_file(b, self.storage, self.catalogue): b.batch_id for b in pending}
        ids = pa.array([names[f] for f in faults["filename"].to_pylist()], pa.int64())
        return writer.quarantine(faults.drop_columns(["filename"]).append_column("batch_id", ids))


def tables_in_order(catalogue: Catalogue) -> list[Table]:
    """The tables in the order in which they are folded and written.

    First those that others wait for, then those that take longest to write.
    """
    soon = [name for name in (_HOME, *_LARGE) if name in catalogue.tables]
    names = dict.fromkeys((*PERSONS_REST_ON, *soon, *catalogue.tables))
    return [catalogue.tables[name] for name in names]


def _write_one(
    writer: RegisterWriter, unknown: UnknownCounter, table: Table, folded: FoldedTable | StagedTable
) -> Changes:
    unknown.add_standing(writer, table)
    changes = writer.write_folded(table, folded)
    folded.done_with()
    return changes


def _standing(report: PublicationReport, database: Database, started: float) -> PublicationReport:
    """The report with what stands after it."""
    return replace(
        report,
        unknown=unknown_things(database),
        refresh_requests=refresh_requests(database),
        seconds=time.perf_counter() - started,
    )


def _require_events(batches: list[LandedBatch], storage: Storage, catalogue: Catalogue) -> None:
    landed = {events_path(b, catalogue): b for b in batches}
    missing = storage.missing("events", list(landed))
    if missing:
        msg = (
            f"{len(missing)} landed batches have no events file yet, the first is "
            f"{landed[missing[0]].file}. Materialise the events first."
        )
        raise EventsError(msg)


def _applied(database: Database) -> tuple[set[int], str | None, int]:
    """The applied batches; the rules and the number of the last publication, 0 if there is none."""
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select batch_id from register.applied_batch")
            applied = {row[0] for row in cursor.fetchall()}
            cursor.execute(
                "select catalogue_fingerprint, publication_id from register.publication "
                "order by publication_id desc limit 1"
            )
            row = cursor.fetchone()
    finally:
        connection.close()
    return (applied, *row) if row else (applied, None, 0)


@contextmanager
def _writer_lock(database: Database) -> Iterator[None]:
    connection = database.connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            # The server may still be closing the connection of a run that has just ended.
            cursor.execute("set lock_timeout = '3s'")
            try:
                cursor.execute("select pg_advisory_lock(hashtext(%s))", (WRITER_LOCK,))
            except psycopg2.errors.LockNotAvailable:
                msg = (
                    "The register was to be published, and another run is writing it. Wait for "
                    "that run to end and start this one again; nothing is lost meanwhile."
                )
                raise RegisterBusy(msg) from None
            try:
                yield
            finally:
                # Where the server is gone the lock is gone with it.
                with suppress(psycopg2.Error, DatabaseUnavailable):
                    cursor.execute("select pg_advisory_unlock(hashtext(%s))", (WRITER_LOCK,))
    finally:
        connection.close()
