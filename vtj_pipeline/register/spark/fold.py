"""The driver's part of a fold on Spark: who is touched, how they are divided, what came of it.

Keep out what the tasks do (`tasks.py`) and where they leave it (`staging.py`).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vtj_pipeline import errors
from vtj_pipeline.errors import ClusterUnavailable, RegisterError, VtjError
from vtj_pipeline.register.fold_engine import fold_engine, nobody
from vtj_pipeline.register.spark.session import spark_session
from vtj_pipeline.register.spark.staging import TOUCHED, Staging, analyze, staging
from vtj_pipeline.register.spark.tasks import (
    OUTCOMES,
    PIECES,
    Work,
    fold_share,
    program,
    read_files,
    told_by,
)
from vtj_pipeline.register.staged import StagedRows, StagedTable
from vtj_pipeline.register.unknown import codes_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.landing import Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.register.fold_engine import FoldEngine, Plan
    from vtj_pipeline.settings import Settings

_log = logging.getLogger(__name__)
EVENTS_A_TASK = 500_000
"""What one task is given at most, where files and persons can be divided so."""
_EVENTS_A_CODE = 50
"""More than most codes ever have."""


@dataclass
class SparkFold:
    """One publication's fold on a cluster; does what `folds.Folds` says.

    Args:
        driver: An engine of this process, for what is asked of few columns.
        session: Of Spark.
        database: The register's.
        storage: With the events files.
        staging: Where tasks leave rows.
        key: Of person_id.
        catalogue: What there is to fold.
        settings: For the memory of a task, and the object store.
    """

    driver: FoldEngine
    session: SparkSession
    database: Database
    storage: Storage
    staging: Staging
    key: PersonKey
    catalogue: Catalogue
    settings: Settings
    _batches: pa.Table | None = None
    _plan: Plan | None = None
    _attempts: list[int] = field(default_factory=list)
    _anomalies: Counter[str] = field(default_factory=Counter)
    _unknown: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def read_new(self, files: list[str]) -> pa.Table:
        """Read the batches not yet applied; returns the codes they touch (`code`)."""
        return self.driver.read_new(files)

    @property
    def touched_in(self) -> pa.Table:
        """Nobody: whoever is touched is folded in every table."""
        return nobody()

    def read_events(
        self, batches: pa.Table, more_codes: pa.Table | None, *, narrows: bool = False
    ) -> None:
        """See how the events of the touched codes are to be divided; None: everybody's."""
        del narrows
        self._batches = batches
        self._plan = self.driver.plan(batches, more_codes)

    def identify(self) -> pa.Table:
        """Have everything folded and staged; returns the `person_id`s.

        Raises:
            RegisterError: a task could not do it, or one of its own errors.
            ClusterUnavailable: tasks were lost, as often as they may be.
        """
        work = self._work()
        outcomes = self._run(work)
        sizes: Counter[str] = Counter()
        for attempt, text in outcomes:
            told = json.loads(text)
            self._attempts.append(attempt)
            self._anomalies.update(told["anomalies"])
            for table, rows in told["unknown"].items():
                self._unknown.setdefault(table, []).extend(rows)
            sizes.update(events=told["events"], bytes=told["bytes"])
        _log.info(
            "Spark folded %d events of %d files in %d shares; %d bytes were shuffled.",
            sizes["events"], sum(map(len, work.groups)), len(outcomes), sizes["bytes"],
        )  # fmt: skip
        analyze(self.database, self.staging)
        return self._persons()

    def unknown_events(self) -> pa.Table:
        """Groups and fields of the new batches that the catalogue does not know, with rows."""
        return self.driver.unknown_events()

    def fold(self, table: Table) -> StagedTable:
        """The whole history of one table for the touched persons, as it was staged."""
        return StagedTable(self._rows(table.name))

    def counted(self, statement: str) -> pa.Table:
        """What the tasks counted by that statement, a row a task and what is told apart."""
        for name, table in self.catalogue.tables.items():
            if codes_statement(table, self.catalogue, standing=False) == statement:
                return pa.Table.from_pylist(self._unknown.get(name, []))
        msg = "The tasks of the cluster were not asked for that count."
        raise RegisterError(msg)

    def persons(self) -> StagedRows:
        """`register.person` for the touched persons."""
        return self._rows("person")

    def aliases(self) -> StagedRows:
        """`register.person_alias` for the touched persons."""
        return self._rows("person_alias")

    def refresh_requests(self) -> StagedRows:
        """`register.refresh_request` for the touched persons."""
        return self._rows("refresh_request")

    def told(self) -> StagedRows:
        """`register.scope_member` for the touched persons, without membership."""
        return self._rows("scope_member")

    def anomalies(self) -> dict[str, int]:
        """How many rows did not fit, by kind."""
        return dict(self._anomalies)

    def faults(self) -> pa.Table:
        """What could not be read in the new batches: position, group, reason, whose code it was."""
        return self.driver.faults()

    def _rows(self, name: str) -> StagedRows:
        return self.staging.rows(name, self._attempts)

    def _persons(self) -> pa.Table:
        attempts = ", ".join(map(str, self._attempts)) or "null"
        with self.database.adbc() as connection, connection.cursor() as cursor:
            cursor.execute(
                f"select person_id from {self.staging.schema}.{TOUCHED} "  # names of ours
                f"where attempt in ({attempts})"
            )
            return cursor.fetch_arrow_table()

    def _work(self) -> Work:
        assert self._batches is not None
        assert self._plan is not None
        rows = dict(
            zip(*(self._plan.rows[one].to_pylist() for one in ("filename", "rows")), strict=True)
        )
        events = sum(rows.values())
        if self._plan.touched is not None:
            events = min(events, _EVENTS_A_CODE * self._plan.touched.num_rows)
        cores = self.session.sparkContext.defaultParallelism
        return Work(
            program=program(),
            data_url=self.settings.data_url,
            keys=self.storage.keys,
            person_key=self.key,
            memory=self.settings.fold_memory,
            database=self.database,
            catalogue=self.catalogue,
            batches=self._batches,
            plan=self._plan,
            groups=_grouped(rows, cores),
            shares=max(cores, -(-events // EVENTS_A_TASK)),
            staging=self.staging,
        )

    def _run(self, work: Work) -> list[tuple[int, str]]:
        def read(tasks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return read_files(work, tasks)

        def fold(pieces: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return fold_share(work, pieces)

        if not work.groups:
            return []
        tasks = self.session.range(0, len(work.groups), 1, len(work.groups))
        pieces = tasks.mapInArrow(read, PIECES).repartitionById(work.shares, "share")
        try:
            found = pieces.mapInArrow(fold, OUTCOMES).collect()
        except VtjError:
            raise
        except Exception as error:
            raise _ours(error) from None
        return [(row["attempt"], row["outcome"]) for row in found]


def _grouped(rows: dict[str, int], cores: int) -> tuple[tuple[str, ...], ...]:
    """Files in groups that one task reads, of some size each, and one a core at least."""
    most = min(EVENTS_A_TASK, -(-sum(rows.values()) // cores)) if rows else 0
    groups: list[list[str]] = []
    held = most
    for file, count in sorted(rows.items(), key=lambda one: (-one[1], one[0])):
        if held + count > most:
            groups.append([])
            held = 0
        groups[-1].append(file)
        held += count
    return tuple(map(tuple, groups))


def _ours(error: Exception) -> VtjError:
    """The error that a task had, or that Spark has, without what Spark says of it."""
    told = told_by(error)
    if told is None:
        msg = (
            f"Spark was asked to fold and gave up ({type(error).__name__}): most often because "
            "machines went or their memory was not enough. Nothing was published; see Spark's log "
            "and start the same again."
        )
        return ClusterUnavailable(msg)
    kind = getattr(errors, told[0], None)
    if isinstance(kind, type) and issubclass(kind, VtjError):
        return kind(told[1])
    msg = (
        f"A task of the cluster was asked to fold and stopped ({told[1]}). Nothing was published; "
        "report it with this version."
    )
    return RegisterError(msg)


def _stop(session: SparkSession) -> None:
    # Where Spark is gone there is nothing to stop, and another error tells of it.
    with suppress(Exception):
        session.sparkContext.cancelAllJobs()


@contextmanager
def spark_fold(
    database: Database,
    storage: Storage,
    settings: Settings,
    key: PersonKey,
    catalogue: Catalogue,
) -> Iterator[SparkFold]:
    """A fold on the cluster of `VTJ_SPARK_MASTER`, for whoever holds the register's writer lock.

    Raises:
        SettingsError: pyspark or Java is missing.
        ClusterUnavailable: the cluster does not answer.
    """
    with ExitStack() as opened:
        driver = opened.enter_context(fold_engine(storage, settings.fold_memory, key, catalogue))
        session = opened.enter_context(spark_session(settings))
        place = opened.enter_context(staging(database, catalogue))
        # Before the tables are dropped: nobody waits for these tasks any more.
        opened.callback(_stop, session)
        yield SparkFold(driver, session, database, storage, place, key, catalogue, settings)
