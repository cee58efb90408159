"""Proof that the register can be made again: everything right of landing, beside what stands.

Landed files are verified, turned into events in a folder of their own and published into a scratch
database; then every table is compared with the one that stands. Nothing that stands is changed.
Keep out how rows are compared (`compare.py`) and shown (`commands/restore_check.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import RegisterError
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import (
    Storage,
    create_ledger,
    landed_batches,
    private_engine,
    scratch_folder,
    verify_landing,
)
from vtj_pipeline.postgres import scratch_database
from vtj_pipeline.register.compare import SESSION, Comparer, TableDifference
from vtj_pipeline.register.ddl import create_register
from vtj_pipeline.register.known_key import known_person_key
from vtj_pipeline.register.publish import publish_pending, rules_fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.postgres import Connection, Database
    from vtj_pipeline.register.publish import Progress
    from vtj_pipeline.register.touched import Granted
    from vtj_pipeline.settings import Settings

PURPOSE = "restore_check"
NOT_COMPARED = ("applied_batch", "publication", "schema_version", "touched_person")
"""Tables of what happened here and when, which landing does not tell."""
_NOT_OF_LANDING = {"unknown_seen": ("first_publication_id",)}
# Large, and nothing of it is in the register; versions are the scratch database's own.
_NOT_COPIED = ("call", "source_call", "schema_version")
_PUBLISHED = {"landing_batch": "where batch_id in (select batch_id from register.applied_batch)"}
_TABLES = "select tablename from pg_tables where schemaname = %s order by 1"
_COLUMNS = (
    "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
    "where attrelid = %s::regclass and attnum > 0 and not attisdropped"
)
_NO_REFERENCES = (
    "select format('alter table %s drop constraint %I', conrelid::regclass, conname) "
    "from pg_constraint where contype = 'f' and connamespace = 'ledger'::regnamespace"
)
_STANDING = (
    "select (select catalogue_fingerprint from register.publication order by publication_id desc "
    "limit 1), (select array_agg(subscription || ' ' || municipality_code order by 1) "
    "from register.scope_municipality), (select count(*) from register.applied_batch)"
)


@dataclass(frozen=True)
class RestoreReport:
    """What a rebuild gave.

    Attributes:
        tables: Every table that was compared.
        files: Landed files that were verified.
        bytes: Their size.
        not_published: Of these, files that the register has not taken in, and so the rebuild.
        seconds: How long it took.
    """

    tables: tuple[TableDifference, ...]
    files: int
    bytes: int
    not_published: int
    seconds: float

    @property
    def differing(self) -> tuple[str, ...]:
        """The tables that differ."""
        return tuple(one.table for one in self.tables if not one.is_equal)


def check_restore(
    database: Database,
    storage: Storage,
    settings: Settings,
    scope: Mapping[str, tuple[str, ...]],
    granted: Granted,
    progress: Progress,
) -> RestoreReport:
    """Make the register anew beside the one that stands, and compare them.

    What is published meanwhile is not looked at.

    Args:
        database: Where ledger and register stand.
        storage: Where landed files stand.
        settings: For the key of person_id and the memory of the fold.
        scope: As for `publish_pending`.
        granted: As for `publish_pending`.
        progress: Told of each step.

    Raises:
        RegisterError: nothing is published, or by other rules than those at hand.
        OtherPersonKey: the key at hand is not the register's.
        LandingDamaged: landed files are missing or differ.
        DatabaseRefused: a database for it is not there and may not be made.
        RegisterBusy: another check is at work.
    """
    started = time.perf_counter()
    with ExitStack() as opened:
        stands = opened.enter_context(closing(database.connect(SESSION)))
        # One snapshot for all that is read, however long it takes.
        stands.set_session(isolation_level="REPEATABLE READ", readonly=True)
        published = _require_published(stands, scope, granted)
        known_person_key(database, settings)
        batches = landed_batches(database)
        size = verify_landing(storage, batches, progress)
        folder = opened.enter_context(scratch_folder(storage.scratch))
        scratch = opened.enter_context(scratch_database(database, PURPOSE, ("ledger", "register")))
        create_ledger(scratch)
        create_register(scratch)
        _copy_ledger(stands, scratch, folder)
        copied = storage.beside(folder)
        extract_events(scratch, copied, settings, progress)
        publish_pending(
            scratch,
            copied,
            settings,
            scope,
            run_id=PURPOSE,
            progress=progress,
            granted=granted,
        )
        tables = _compare(stands, scratch, copied, settings, progress)
    return RestoreReport(
        tables=tables,
        files=len(batches),
        bytes=size,
        not_published=len(batches) - published,
        seconds=time.perf_counter() - started,
    )


def _require_published(
    stands: Connection, scope: Mapping[str, tuple[str, ...]], granted: Granted
) -> int:
    """The number of batches that the register has taken in, by the rules and scope at hand."""
    with stands.cursor() as cursor:
        cursor.execute(_STANDING)
        rules, standing, published = cursor.fetchone() or (None, None, 0)
    if rules is None:
        msg = (
            "A register was to be compared with one made anew, and nothing has been published. "
            "Restore the database, or publish what has landed: vtj-pipeline run register."
        )
        raise RegisterError(msg)
    wanted = sorted(f"{name} {code}" for name, codes in scope.items() for code in codes)
    if rules != rules_fingerprint(CATALOGUE, granted) or wanted != sorted(standing or []):
        msg = (
            "The register that stands was published by another version of this program, or for "
            "other subscriptions (municipalities, granted_groups) than the file now has. Restore "
            "that file, or publish by what is at hand: vtj-pipeline run register. Then check again."
        )
        raise RegisterError(msg)
    return int(published)


def _copy_ledger(stands: Connection, scratch: Database, folder: Path) -> None:
    """Bring the ledger over, of batches those that the register has taken in."""
    with closing(scratch.connect()) as connection, connection, connection.cursor() as there:
        there.execute(_NO_REFERENCES)
        for (statement,) in there.fetchall():
            there.execute(statement)
        there.execute(_TABLES, ("ledger",))
        with stands.cursor() as here:
            for (name,) in there.fetchall():
                if name in _NOT_COPIED:
                    continue
                # By name: in a ledger that was upgraded they stand in another order.
                there.execute(_COLUMNS, (f"ledger.{name}",))
                (columns,) = there.fetchone() or ("",)
                query = f"select {columns} from ledger.{name} {_PUBLISHED.get(name, '')}"
                file = folder / "copied"
                with file.open("wb") as out:
                    here.copy_expert(f"copy ({query}) to stdout (format binary)", out)
                with file.open("rb") as copied:
                    there.copy_expert(
                        f"copy ledger.{name} ({columns}) from stdin (format binary)", copied
                    )


def _compare(
    stands: Connection, scratch: Database, copied: Storage, settings: Settings, progress: Progress
) -> tuple[TableDifference, ...]:
    with (
        closing(scratch.connect(SESSION)) as rebuilt,
        private_engine(copied, settings.fold_memory) as engine,
    ):
        comparer = Comparer(stands, rebuilt, engine.connection, engine.folder)
        with rebuilt.cursor() as cursor:
            cursor.execute(_TABLES, ("register",))
            names = [name for (name,) in cursor.fetchall() if name not in NOT_COMPARED]
        found = []
        for done, name in enumerate(names):
            progress("compared tables", done, len(names))
            found.append(comparer.compare(f"register.{name}", _NOT_OF_LANDING.get(name, ())))
    return tuple(found)
