"""The reconciliation's answers: basic data of the persons in scope, to hold against the register.

They land like any other answer, so that publishing them repairs what differs. Whom the source
leaves out is remembered and asked for again, never deleted. Keep out the comparing (`register/`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from psycopg2.extras import execute_values

from vtj_pipeline.landing.answered import left_out, told_in
from vtj_pipeline.landing.asking import DayCursors, in_parts
from vtj_pipeline.landing.baseline_plan import check_euros, price
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.landing.refresh import Asking, RefreshCandidate, position_now
from vtj_pipeline.landing.report import LandingReport, Progress, ledger_connection, page
from vtj_pipeline.privacy import person_key
from vtj_pipeline.source.messages import WEEKLY_COPY, subjects_of

if TYPE_CHECKING:
    from datetime import datetime

    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Database
    from vtj_pipeline.source import SourceClient, Subscription

By = Literal["perustiedot", "perustiedot-vko"]


@dataclass(frozen=True)
class ReconcileReport(LandingReport):
    """What the asking of one reconciliation did; counts, and ids of persons for the comparing.

    Attributes:
        purpose: `perustiedot` or `perustiedot-vko`.
        members: Persons in scope that were to be looked at.
        absent: Of these, whom the source left out.
        batch_ids: The batches that landed.
        changed: Who was changed after the last landed change and before the answers, by the
            person_id of the subject's code: the register cannot know of it yet.
    """

    purpose: str
    members: int
    absent: int
    batch_ids: tuple[int, ...]
    changed: frozenset[str] = field(repr=False)


@dataclass
class _Found:
    """What has come so far."""

    calls: int = 0
    answered: int = 0
    absent: int = 0
    position: int = 0
    batch_ids: list[int] = field(default_factory=list)
    changed: frozenset[str] = frozenset()


def land_reconciliation(
    subscription: Subscription,
    client: SourceClient,
    storage: Storage,
    database: Database,
    members: Sequence[RefreshCandidate],
    *,
    by: By,
    everybody: bool,
    run_id: str,
    progress: Progress | None = None,
) -> ReconcileReport:
    """Land the basic data of persons in scope, each batch committed on its own.

    Args:
        subscription: Whose persons.
        client: The source; `client.settings` bounds the price.
        storage: Where files go.
        database: Where the ledger is.
        members: Persons in scope: all, or a sample.
        by: Ask for live basic data, or for the weekly copy, which spares the quota.
        everybody: `members` are all: the weekly copy may be asked by municipality.
        run_id: The run, for the ledger.
        progress: Told after each landed answer.

    Raises:
        PermanentError: the persons would cost more than the ceiling.
        VtjError: whatever the source or the database fails with.
    """
    started = time.perf_counter()
    persons, ceiling = len(members), client.settings.baseline_max_euros
    check_euros(f"reconciliation of {subscription.name}", persons, price(persons), ceiling)
    weekly = by == WEEKLY_COPY
    found = _Found()
    with ledger_connection(database) as connection:
        cursors = DayCursors(client)
        known_to = _known_to(connection, subscription.name)
        work = Asking(
            subscription,
            client,
            storage,
            connection,
            run_id,
            0 if weekly else position_now(connection, subscription, cursors),
            person_key(client.settings),
            cursors,
            kind="reconcile",
            weekly=weekly,
        )
        if weekly and everybody and subscription.municipalities:
            _by_municipality(work, members, found, progress)
        else:
            _by_code(work, members, found, progress)
    start = work.position if known_to is None else known_to
    # A copy is behind what has landed, unless days of it have not landed yet.
    if members and (not weekly or 0 < start < found.position):
        found.changed = _changed_since(work, members, start)
    return ReconcileReport(
        subscription=subscription.name,
        kind="reconcile",
        partition_day=None,
        calls=found.calls,
        answered=found.answered,
        batches=len(found.batch_ids),
        first_cursor=found.position,
        last_cursor=found.position,
        already_done=False,
        seconds=time.perf_counter() - started,
        purpose=by,
        members=len(members),
        absent=found.absent,
        batch_ids=tuple(found.batch_ids),
        changed=found.changed,
    )


@dataclass(frozen=True)
class Compared:
    """What a comparison came to, as the ledger keeps it; counts of persons.

    Attributes:
        groups: Group → persons compared, persons who differ.
    """

    compared: int
    drifted: int
    changed_meanwhile: int
    groups: dict[str, tuple[int, int]]


def record_reconciliation(
    database: Database,
    report: ReconcileReport,
    found: Compared,
    *,
    sample: int | None,
    seed: int | None,
    started_at: datetime,
    run_id: str,
) -> int:
    """Keep the result of a reconciliation in the ledger; returns its number."""
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger.reconciliation (subscription, purpose, sample, seed, members, "
            "answered, absent, changed_meanwhile, compared, drifted, started_at, run_id) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "returning reconciliation_id",
            (
                report.subscription,
                report.purpose,
                sample,
                seed,
                report.members,
                report.answered,
                report.absent,
                found.changed_meanwhile,
                found.compared,
                found.drifted,
                started_at,
                run_id,
            ),
        )
        row = cursor.fetchone()
        assert row is not None
        execute_values(
            cursor,
            "insert into ledger.reconciliation_drift values %s",
            [(row[0], name, *numbers) for name, numbers in found.groups.items()],
        )
    return int(row[0])


def _by_code(
    work: Asking, members: Sequence[RefreshCandidate], found: _Found, progress: Progress | None
) -> None:
    parts = in_parts(members)
    for part in parts:
        landed = work.land(part)
        found.position = max(found.position, landed.position)
        found.calls += 1
        found.answered += landed.found
        found.absent += len(part) - landed.found
        found.batch_ids.append(landed.batch_id)
        if progress:
            progress("reconciliation calls", found.calls, len(parts))


def _by_municipality(
    work: Asking, members: Sequence[RefreshCandidate], found: _Found, progress: Progress | None
) -> None:
    subscription = work.subscription
    waiting = {one.identity_code: one.person_id for one in members}
    municipalities = subscription.municipalities
    all_read = True
    for number, municipality in enumerate(municipalities, start=1):
        answer = work.client.weekly_copy(municipalities=[municipality])
        assert answer.extraction_date is not None
        position = work.cursors.of(answer.extraction_date)
        one = page(answer, cursor_in=position, asked_as=asked_hash((municipality,)), asked=0)
        read = told_in(answer.body)
        all_read = all_read and read is not None
        told = read or {}
        known = {code: waiting.pop(code) for code in told if code in waiting}
        is_last = number == len(municipalities)
        # Who has moved between them is absent only if no municipality has them, and all are read.
        asked = {**known, **waiting} if is_last and all_read else known
        lacking = left_out(told.items(), asked, subscription.expected, work.key)

        found.batch_ids.append(work.keep(one, lacking))
        found.calls += 1
        found.answered += answer.answered
        found.position = max(found.position, position)
        if progress:
            progress("reconciliation calls", number, len(municipalities))
    found.absent = len(waiting) if all_read else 0


def _known_to(connection: Connection, subscription: str) -> int | None:
    """Up to where in the journal what has landed tells of everybody; None before any baseline.

    The last change, or the last whole baseline if no change after it has landed yet. Answers about
    single persons say nothing of the others, wherever they stand.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_TO, {"name": subscription})
        row = cursor.fetchone()
    # No transaction stays open while the source is waited for.
    connection.rollback()
    return None if row is None or row[0] is None else int(row[0])


_KNOWN_TO = """
select max(reached.last_cursor)
from (
    select max(b.last_cursor) as last_cursor
    from ledger.landing_batch as b
    where b.subscription = %(name)s and b.kind = 'change'
    union all
    select min(b.last_cursor) as last_cursor
    from ledger.landing_batch as b
    left join ledger.baseline_round as r on b.round_id = r.round_id
    where
        b.subscription = %(name)s
        and b.kind = 'baseline'
        and (r.round_id is null or r.completed_at is not null)
    group by b.round_id
) as reached
"""


def _changed_since(work: Asking, members: Sequence[RefreshCandidate], start: int) -> frozenset[str]:
    """Whom changes after `start` name, as the source has them by now; nothing of it lands.

    The days that are under way or have not landed yet do so in their own time: until then a live
    answer may know more than the register, which is no drift. It is asked for after the answers, so
    that who changes in between is among them; who changes later is, too, and is compared the next
    time. A source whose journal lags behind its own basic data would be taken for drift.
    """
    lists: list[list[str] | None] = [None]
    if not work.subscription.chosen_by_source:
        lists = [[one.identity_code for one in part] for part in in_parts(members)]
    changed: set[str] = set()
    for codes in lists:
        cursor, is_over = start, False
        while not is_over:
            answer = work.client.changes(cursor, codes)
            changed |= subjects_of(answer.body)
            assert answer.cursor_out is not None
            is_over = bool(answer.caught_up) or answer.cursor_out <= cursor
            cursor = answer.cursor_out
    return frozenset(str(work.key.person_id_of(code)) for code in changed)
