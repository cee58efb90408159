"""The baseline: the basic data of every person in scope, unit by unit, each committed on its own.

Keep out changes (`changes.py`), and what the answers mean (`events/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vtj_pipeline.landing.answered import LeftOut, left_out, remember_left_out, told_in
from vtj_pipeline.landing.asking import DayCursors
from vtj_pipeline.landing.baseline_plan import BaselinePlan, Unit, plan_of, units_of
from vtj_pipeline.landing.code_lists import record_code_list
from vtj_pipeline.landing.delivered import (
    DeliveredFile,
    batches_of,
    look_through,
    plan_of_files,
)
from vtj_pipeline.landing.ledger import (
    NewBatch,
    baseline_is_complete,
    complete_round,
    open_round,
)
from vtj_pipeline.landing.report import LandingReport, Progress, commit, ledger_connection, page
from vtj_pipeline.landing.tombstones import Tombstones, tombstones_at_hand
from vtj_pipeline.privacy import PersonKey, person_key

if TYPE_CHECKING:
    from vtj_pipeline.landing.pages import Page
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Cursor, Database
    from vtj_pipeline.source import SourceClient, Subscription


@dataclass
class _Done:
    """What a run has landed so far: counts only, since the bodies are large.

    Attributes:
        calls: Answers landed; none for delivered files.
    """

    calls: int = 0
    batches: int = 0
    answered: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, pages: list[Page]) -> None:
        """Count a landed batch."""
        self.batches += 1
        self.calls += sum(one.status > 0 for one in pages)
        self.answered += sum(one.answered for one in pages)
        position = pages[0].cursor_in
        self.first = position if self.first is None else min(self.first, position)
        self.last = position if self.last is None else max(self.last, position)


@dataclass
class _Asker:
    """Asks for units; safe to share by threads.

    Attributes:
        position: Journal position of live answers, known before they are asked for; None where
            the weekly copy is asked, whose answers tell their day.
    """

    client: SourceClient
    position: int | None
    cursors: DayCursors

    def ask(self, unit: Unit) -> Page:
        """The answer for a unit."""
        if self.position is not None:
            answer = self.client.basic_data(list(unit.codes))
            position = self.position
        else:
            answer = self.client.weekly_copy(
                municipalities=unit.municipalities or None,
                codes=list(unit.codes) or None,
                everybody=not unit.municipalities and not unit.codes,
            )
            assert answer.extraction_date is not None
            position = self.cursors.of(answer.extraction_date)
        return page(
            answer,
            cursor_in=position,
            asked_as=unit.name,
            asked=len(unit.codes),
        )


@dataclass
class _Baseline:
    """One run's work on a round, and what it has done so far."""

    subscription: Subscription
    client: SourceClient
    storage: Storage
    connection: Connection
    run_id: str
    key: PersonKey
    cursors: DayCursors
    progress: Progress | None
    round_id: int = 0
    landed: set[str] = field(default_factory=set)
    done: _Done = field(default_factory=_Done)

    def erased(self) -> Tombstones:
        """Who must not be asked for."""
        found = tombstones_at_hand(self.connection, self.key)
        # No transaction stays open while the source is waited for.
        self.connection.rollback()
        return found

    def open(self) -> None:
        """Begin a round, or take up the unfinished one."""
        self.round_id, self.landed = open_round(
            self.connection, self.subscription.name, self.run_id
        )

    def ask(self, units: Sequence[Unit], position: int | None) -> None:
        """Ask for the units that have not landed."""
        waiting = [unit for unit in units if unit.name not in self.landed]
        with closing(_answers(_Asker(self.client, position, self.cursors), waiting)) as answers:
            for unit, one in answers:
                found = self._left_out(one, unit)
                self._land(unit.name, [one], found)
                self._tell("baseline calls", len(units) - len(waiting), len(units))

    def take(self, files: Sequence[DeliveredFile], unlisted: dict[str, str]) -> None:
        """Take the delivered batches that have not landed.

        Args:
            files: The delivered files.
            unlisted: Code → person_id of whom the code list has and no file.
        """
        total = sum(len(file.batches) for file in files)
        before = sum(name in self.landed for file in files for name in file.batches)
        for file in files:
            position = self.cursors.of(file.taken_on)
            for batch in batches_of(file, position, self.landed):
                found = left_out(batch.told, unlisted, self.subscription.expected, self.key)
                self._land(batch.name, batch.pages, found)
                unlisted = {}
                self._tell("delivered batches", before, total)

    def _left_out(self, one: Page, unit: Unit) -> LeftOut:
        expected = self.subscription.expected
        # Whom the source chose is not asked for, and an answer with many is not read for nothing.
        told = told_in(one.body) if unit.codes or expected else None
        return LeftOut() if told is None else left_out(told.items(), unit.codes, expected, self.key)

    def _land(self, unit: str, pages: list[Page], found: LeftOut) -> None:
        name = self.subscription.name

        def remember(cursor: Cursor, batch_id: int) -> None:
            remember_left_out(cursor, batch_id, name, found, pages[0].fetched_at)

        batch = NewBatch(
            subscription=name,
            kind="baseline",
            partition_day=None,
            round_id=self.round_id,
            unit=unit,
            file=f"landing/{name}/baseline/{self.round_id}/{unit}",
            sha256="",
            size=0,
            last_cursor=pages[0].cursor_in,
            completes_partition=False,
            run_id=self.run_id,
        )
        commit(self.connection, self.storage, self.key, batch, pages, remember)
        self.done.add(pages)

    def _tell(self, what: str, before: int, total: int) -> None:
        if self.progress:
            self.progress(what, before + self.done.batches, total)


def land_baseline(
    subscription: Subscription,
    client: SourceClient,
    storage: Storage,
    database: Database,
    *,
    run_id: str,
    max_euros: float | None = None,
    fetch_again: bool = False,
    progress: Progress | None = None,
    announce: Callable[[BaselinePlan], None] | None = None,
) -> LandingReport:
    """Land the basic data of every person of a subscription.

    An interrupted baseline goes on with the units that have not landed; a finished one is left
    alone unless `fetch_again`. The journal position of the answers is known before they are
    asked for: that of today for live answers, that of the extraction day for the weekly copy and
    for delivered files, whose data are older (contract §2.6 #8).

    Args:
        subscription: Whose persons.
        client: The source; `client.settings` bounds the calls under way at once and the price.
        storage: Where files go.
        database: Where the ledger is.
        run_id: The run, for the ledger.
        max_euros: Another price ceiling than `client.settings.baseline_max_euros`.
        fetch_again: Fetch everything once more, although a baseline is finished.
        progress: Told after each landed answer.
        announce: Told the plan before the first call for basic data.

    Raises:
        PermanentError: the codes would cost more than the ceiling.
        LandingError: a delivered file is not of the agreed shape.
        VtjError: whatever the source or the database fails with.
    """
    started = time.perf_counter()
    settings = client.settings
    with ledger_connection(database) as connection:
        work = _Baseline(
            subscription,
            client,
            storage,
            connection,
            run_id,
            person_key(settings),
            DayCursors(client),
            progress,
        )
        already_done = not fetch_again and baseline_is_complete(connection, subscription.name)
        connection.rollback()
        if not already_done:
            version = record_code_list(subscription, settings, database, run_id=run_id)
            ceiling = settings.baseline_max_euros if max_euros is None else max_euros
            if subscription.baseline == "files":
                files = look_through(subscription)
                _announce(plan_of_files(subscription, files), ceiling, announce)
                work.open()
                work.take(files, _unlisted(subscription, files, work.key, work.erased()))
            else:
                units = units_of(subscription, client, work.key, work.erased())
                plan = plan_of(subscription, units, connection, settings.api_concurrency)
                _announce(plan, ceiling, announce)
                live = subscription.baseline == "perustiedot"
                position = work.cursors.of_today() if live else None
                work.open()
                work.ask(units, position)
            complete_round(connection, work.round_id, version.version_id if version else None)
    return _report(subscription, work.done, started, already_done=already_done)


def plan_baseline(
    subscription: Subscription, client: SourceClient, database: Database
) -> BaselinePlan:
    """What a whole baseline takes, without asking for any basic data.

    Only where persons are to be asked for by code and the source knows whose, it is asked for them.

    Raises:
        VtjError: as `land_baseline`.
    """
    if subscription.baseline == "files":
        return plan_of_files(subscription, look_through(subscription))
    key = person_key(client.settings)
    with ledger_connection(database) as connection:
        erased = tombstones_at_hand(connection, key)
        connection.rollback()
        units = units_of(subscription, client, key, erased)
        return plan_of(subscription, units, connection, client.settings.api_concurrency)


def _announce(
    plan: BaselinePlan, ceiling: float, announce: Callable[[BaselinePlan], None] | None
) -> None:
    if announce:
        announce(plan)
    plan.check(ceiling)


def _unlisted(
    subscription: Subscription, files: Sequence[DeliveredFile], key: PersonKey, erased: Tombstones
) -> dict[str, str]:
    """Whom the code list has and no delivered file."""
    if subscription.identity_codes_file is None:
        return {}
    codes = erased.still_listed(subscription.identity_codes())
    ids = {code: str(key.person_id_of(code)) for code in codes}
    return {code: one for code, one in ids.items() if not any(code in f.codes for f in files)}


def _answers(asker: _Asker, units: Sequence[Unit]) -> Generator[tuple[Unit, Page], None, None]:
    """The answers as they come, at most `api_concurrency` of them held at once."""
    waiting = iter(units)
    at_once = asker.client.settings.api_concurrency
    asked: dict[Future[Page], Unit] = {}
    with ThreadPoolExecutor(at_once) as pool:
        # An answer that came before another call failed is yielded first: it is paid for.
        failure: BaseException | None = None
        while True:
            while failure is None and len(asked) < at_once and (unit := next(waiting, None)):
                asked[pool.submit(asker.ask, unit)] = unit
            if not asked:
                break
            for future in wait(asked, return_when=FIRST_COMPLETED).done:
                unit = asked.pop(future)
                failure = failure or future.exception()
                if future.exception() is None:
                    yield unit, future.result()
                del future
    if failure is not None:
        raise failure


def _report(
    subscription: Subscription, done: _Done, started: float, *, already_done: bool
) -> LandingReport:
    return LandingReport(
        subscription=subscription.name,
        kind="baseline",
        partition_day=None,
        calls=done.calls,
        answered=done.answered,
        batches=done.batches,
        first_cursor=done.first or 0,
        last_cursor=done.last or 0,
        already_done=already_done,
        seconds=time.perf_counter() - started,
    )
