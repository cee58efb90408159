"""The refresh: the basic data of single persons anew, batch by batch, each committed on its own.

Add rules about what a refresh asks and remembers here. Keep out who is asked for (`register/`)
and what the answers mean (`events/`).
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg2.extras import execute_values

from vtj_pipeline.landing.answered import LeftOut, left_out, remember_left_out, told_in
from vtj_pipeline.landing.asking import DayCursors, in_parts
from vtj_pipeline.landing.baseline_plan import check_euros, price
from vtj_pipeline.landing.ledger import NewBatch
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.landing.report import LandingReport, Progress, commit, ledger_connection, page
from vtj_pipeline.privacy import PersonKey, person_key

if TYPE_CHECKING:
    from vtj_pipeline.landing.pages import Page
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Cursor, Database
    from vtj_pipeline.source import Answer, SourceClient, Subscription

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RefreshRequest:
    """One reason to ask for a person, and when it was recorded."""

    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class RefreshCandidate:
    """A person to ask for.

    Attributes:
        person_id: The person; the ledger remembers nothing else of whom was asked for.
        identity_code: The code to ask with; never shown in a `repr`.
        requests: Every reason that the answer will settle, the most pressing first.
    """

    person_id: str
    identity_code: str = field(repr=False)
    requests: tuple[RefreshRequest, ...]

    @property
    def reason(self) -> str:
        """The most pressing reason."""
        return self.requests[0].reason


@dataclass(frozen=True)
class RefreshReport(LandingReport):
    """What one refresh did; counts only.

    Attributes:
        asked: Persons asked for; `answered` of them were in the answers.
        reasons: Persons asked for, by their most pressing reason.
    """

    asked: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class LandedPart:
    """One landed batch: the persons asked for, and which of them were in the answer.

    Attributes:
        asked: Whom it asked for.
        answered: Their person_ids, as far as they were answered.
        position: Where in the journal the answer stands.
        batch_id: Its number in the ledger; 0 until it has landed.
    """

    asked: Sequence[RefreshCandidate]
    answered: frozenset[str]
    position: int
    batch_id: int = 0

    @property
    def found(self) -> int:
        """How many of the persons asked for were in the answer."""
        return sum(one.person_id in self.answered for one in self.asked)


@dataclass(frozen=True)
class Asking:
    """One run that asks for single persons.

    Attributes:
        position: Where live answers stand in the journal.
        kind: `refresh`, or `reconcile`.
        weekly: Whether the weekly copy is asked, whose answers stand at its own day.
        cursors: The positions of those days.
    """

    subscription: Subscription
    client: SourceClient
    storage: Storage
    connection: Connection
    run_id: str
    position: int
    key: PersonKey
    cursors: DayCursors
    kind: str = "refresh"
    weekly: bool = False

    def land(self, part: Sequence[RefreshCandidate]) -> LandedPart:
        """Ask for some persons and commit the answer with who was asked for."""
        persons = tuple(one.person_id for one in part)
        # Two persons may share a code until the source has told them apart.
        codes = tuple(dict.fromkeys(one.identity_code for one in part))
        answer, position = self._ask(codes)
        # A batch is often one person, and a hash of one code alone could be undone by trying all
        # codes: person_id, a keyed hash, names the batch.
        received = page(answer, cursor_in=position, asked_as=asked_hash(persons), asked=len(codes))
        told = told_in(answer.body)
        landed = LandedPart(part, _answered(part, told), position)
        asked = {one.identity_code: one.person_id for one in part}
        found = (
            left_out(told.items(), asked, self.subscription.expected, self.key)
            if told is not None
            else None
        )
        return replace(landed, batch_id=self.keep(received, found, landed))

    def keep(self, received: Page, found: LeftOut | None, landed: LandedPart | None = None) -> int:
        """Commit an answer with what it left out and who was asked for; its number in the ledger.

        Args:
            received: The answer.
            found: What it left out; None where that cannot be told.
            landed: The persons asked for; None where the source chose them.
        """
        name, at = self.subscription.name, received.fetched_at

        def remember(cursor: Cursor, batch_id: int) -> None:
            if landed is not None:
                _remember(cursor, batch_id, name, landed, at)
            if found is not None:
                remember_left_out(cursor, batch_id, name, found, at)

        return commit(
            self.connection, self.storage, self.key, self._batch(received), [received], remember
        )

    def _ask(self, codes: Sequence[str]) -> tuple[Answer, int]:
        """The answer about some codes, and where it stands in the journal."""
        if not self.weekly:
            return self.client.basic_data(codes), self.position
        answer = self.client.weekly_copy(codes=codes)
        assert answer.extraction_date is not None
        return answer, self.cursors.of(answer.extraction_date)

    def _batch(self, received: Page) -> NewBatch:
        # The same persons may be asked for again, and a landed file is never written over.
        moment = f"{received.fetched_at:%Y%m%dT%H%M%S%f}"
        return NewBatch(
            subscription=self.subscription.name,
            kind=self.kind,
            partition_day=None,
            round_id=None,
            unit=received.asked_hash,
            file=f"landing/{self.subscription.name}/{self.kind}/{moment}-{received.asked_hash}",
            sha256="",
            size=0,
            last_cursor=received.cursor_in,
            completes_partition=False,
            run_id=self.run_id,
        )


def land_refresh(
    subscription: Subscription,
    client: SourceClient,
    storage: Storage,
    database: Database,
    candidates: Sequence[RefreshCandidate],
    *,
    run_id: str,
    max_euros: float | None = None,
    progress: Progress | None = None,
) -> RefreshReport:
    """Land the basic data of some persons anew, in batches of the largest list allowed.

    Each batch is committed with the persons asked for in one transaction, so that an interrupted
    refresh is followed by one that asks for the rest. A person who is missing from an answer is
    remembered as asked for and not answered: absence is not deletion.

    Args:
        subscription: Whose persons.
        client: The source; `client.settings` bounds the price.
        storage: Where files go.
        database: Where the ledger is.
        candidates: The persons, the most pressing first.
        run_id: The run, for the ledger.
        max_euros: Another price ceiling than `client.settings.baseline_max_euros`.
        progress: Told after each landed answer.

    Raises:
        PermanentError: the persons would cost more than the ceiling.
        VtjError: whatever the source or the database fails with.
    """
    started = time.perf_counter()
    ceiling = client.settings.baseline_max_euros if max_euros is None else max_euros
    persons = len(candidates)
    check_euros(f"refresh of {subscription.name}", persons, price(persons), ceiling)
    parts = in_parts(candidates)
    done: list[LandedPart] = []
    position = 0
    if parts:
        with ledger_connection(database) as connection:
            cursors = DayCursors(client)
            position = position_now(connection, subscription, cursors)
            key = person_key(client.settings)
            work = Asking(subscription, client, storage, connection, run_id, position, key, cursors)
            for part in parts:
                done.append(work.land(part))
                if progress:
                    progress("refresh calls", len(done), len(parts))
    report = _report(subscription, candidates, done, position, started)
    _logger.info(
        "Refresh of %s: %d calls, %d persons asked for, %d answered",
        subscription.name,
        report.calls,
        report.asked,
        report.answered,
    )
    return report


def position_now(connection: Connection, subscription: Subscription, cursors: DayCursors) -> int:
    """Where in the journal answers that are asked for from now on may stand.

    Behind everything that landed, so that no older answer is replayed over a newer one; every
    landed cursor was known before now. Before any change has landed: where today begins.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select max(last_cursor) from ledger.landing_batch where subscription = %s "
            "having bool_or(kind = 'change')",
            (subscription.name,),
        )
        row = cursor.fetchone()
    # No transaction stays open while the source is waited for.
    connection.rollback()
    if row is not None:
        return int(row[0])
    return cursors.of_today()


def _answered(
    part: Sequence[RefreshCandidate], told: dict[str, frozenset[str]] | None
) -> frozenset[str]:
    return frozenset(one.person_id for one in part if one.identity_code in (told or {}))


def _remember(
    cursor: Cursor, batch_id: int, name: str, landed: LandedPart, asked_at: datetime
) -> None:
    execute_values(
        cursor,
        "insert into ledger.refresh_asked (subscription, person_id, reason, recorded_at, "
        "batch_id, asked_at, was_answered) values %s",
        [
            (
                name,
                one.person_id,
                request.reason,
                request.recorded_at,
                batch_id,
                asked_at,
                one.person_id in landed.answered,
            )
            for one in landed.asked
            for request in one.requests
        ],
    )


def _report(
    subscription: Subscription,
    candidates: Sequence[RefreshCandidate],
    done: Sequence[LandedPart],
    position: int,
    started: float,
) -> RefreshReport:
    return RefreshReport(
        subscription=subscription.name,
        kind="refresh",
        partition_day=None,
        calls=len(done),
        answered=sum(one.found for one in done),
        batches=len(done),
        first_cursor=position,
        last_cursor=position,
        already_done=not candidates,
        seconds=time.perf_counter() - started,
        asked=len(candidates),
        reasons=dict(Counter(one.reason for one in candidates)),
    )
