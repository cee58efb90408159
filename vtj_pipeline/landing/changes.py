"""Landing one day of changes: where to start, when to stop, where to go on after a crash.

Add rules about cursors and days here. Keep out the calls (`source/`) and what a message means
(`events/`). Design: the partition day D is a calendar day in Finland.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.errors import DayNotOver, UnreadableAnswer
from vtj_pipeline.landing.asking import DayCursors, in_parts
from vtj_pipeline.landing.code_lists import record_code_list
from vtj_pipeline.landing.journal import require_forward, require_same_journal
from vtj_pipeline.landing.ledger import NewBatch, complete_day, last_batch_of_day, open_day
from vtj_pipeline.landing.pages import Page, asked_hash
from vtj_pipeline.landing.report import LandingReport, Progress, commit, ledger_connection, page
from vtj_pipeline.landing.tombstones import Tombstones, tombstones_at_hand
from vtj_pipeline.privacy import PersonKey, person_key

if TYPE_CHECKING:
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Database
    from vtj_pipeline.source import SourceClient, Subscription

LARGEST_BATCH_BYTES = 64_000_000
# The shortest time that the source is known to keep changes (contract §1.4).
KEPT_DAYS = 14
EVERYBODY = "all"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Unit:
    """The persons that one chain of cursors is about; codes None means the whole product."""

    name: str
    codes: tuple[str, ...] | None


@dataclass
class _Day:
    """One run's work on one day, and what it has done so far."""

    subscription: Subscription
    day: date
    client: SourceClient
    storage: Storage
    connection: Connection
    run_id: str
    key: PersonKey
    old: bool
    so_far: bool
    cursors: DayCursors
    progress: Progress | None
    pages: list[Page] = field(default_factory=list)
    calls: int = 0
    answered: int = 0
    batches: int = 0
    first: int | None = None
    last: int | None = None


def land_day(
    subscription: Subscription,
    day: date,
    client: SourceClient,
    storage: Storage,
    database: Database,
    *,
    today: date,
    run_id: str,
    so_far: bool = False,
    fetch_again: bool = False,
    also_codes: Sequence[str] = (),
    progress: Progress | None = None,
) -> LandingReport:
    """Land the changes of a day.

    The first call starts at the previous day's last cursor where that day has landed, else at
    the first cursor of the day before (one day of overlap, harmless). Pages follow until the
    source has no more or the next day's first cursor is reached. A day that was interrupted goes
    on from its last committed batch; a complete one is left alone.

    Args:
        subscription: Whose changes.
        day: Calendar day in Finland.
        client: The source.
        storage: Where files go.
        database: Where the ledger is.
        today: Today's date in Finland.
        run_id: The run, for the ledger.
        so_far: The day is under way: land what there is, and leave the day unfinished. A later
            call goes on from there, and the first one after the day's end finishes it.
        fetch_again: Ask for the day from its start, whatever has landed.
        also_codes: For a code list: other codes that its persons are known by, since changes may
            be told under an old or a new code (contract §4.5).
        progress: Told after each answer.

    Raises:
        DayNotOver: the day has not ended.
        CursorExpired: the source no longer keeps the day.
        OtherJournal: the source reads from another journal than the one landed so far.
        VtjError: whatever the source's client raises.
    """
    if day > today or (day == today and not so_far):
        msg = (
            f"The changes of {day} were asked for, and that day has not ended in Finland. Ask for "
            f"days before {today}."
        )
        raise DayNotOver(msg)
    started = time.monotonic()
    record_code_list(subscription, client.settings, database, run_id=run_id)
    key = person_key(client.settings)
    old = (today - day).days >= KEPT_DAYS
    with ledger_connection(database) as connection:
        erased = tombstones_at_hand(connection, key)
        # No transaction stays open while the source is waited for.
        connection.rollback()
        units = _units(subscription, key, erased, also_codes)
        work = _Day(
            subscription=subscription,
            day=day,
            client=client,
            storage=storage,
            connection=connection,
            run_id=run_id,
            key=key,
            old=old,
            so_far=so_far and day == today,
            cursors=DayCursors(client, old=old),
            progress=progress,
        )
        names = [unit.name for unit in units]
        round_id = open_day(connection, subscription.name, day, names, run_id)
        for unit in units:
            _land_unit(work, unit, fetch_again=fetch_again)
        if not work.so_far:
            complete_day(connection, round_id)
    report = LandingReport(
        subscription=subscription.name,
        kind="change",
        partition_day=day,
        calls=work.calls,
        answered=work.answered,
        batches=work.batches,
        first_cursor=work.first or 0,
        last_cursor=work.last or 0,
        already_done=work.calls == 0,
        seconds=time.monotonic() - started,
    )
    log.info(
        "changes of %s for %s: %d answers, %d messages, already done: %s",
        day,
        subscription.name,
        report.calls,
        report.answered,
        report.already_done,
    )
    return report


def _units(
    subscription: Subscription, key: PersonKey, erased: Tombstones, also_codes: Sequence[str]
) -> list[_Unit]:
    if subscription.chosen_by_source:
        return [_Unit(EVERYBODY, None)]
    listed = dict.fromkeys([*subscription.identity_codes(), *also_codes])
    codes = erased.still_listed(listed)
    # A hash of one code alone could be undone by trying all codes.
    return [
        _Unit(asked_hash(tuple(str(key.person_id_of(code)) for code in part)), tuple(part))
        for part in in_parts(codes)
    ]


def _land_unit(work: _Day, unit: _Unit, *, fetch_again: bool) -> None:
    landed = last_batch_of_day(work.connection, work.subscription.name, work.day, unit.name)
    work.connection.rollback()
    if landed is not None and not fetch_again:
        _note(work, landed.first_cursor, landed.last_cursor)
        if landed.completes_partition:
            return
    again = landed is None or fetch_again
    cursor = _start(work, unit) if again or landed is None else landed.last_cursor
    _note(work, cursor, cursor)
    _page_on(work, unit, cursor)


def _start(work: _Day, unit: _Unit) -> int:
    yesterday = work.day - timedelta(days=1)
    before = last_batch_of_day(work.connection, work.subscription.name, yesterday, unit.name)
    # No transaction stays open while the source is waited for.
    work.connection.rollback()
    if before is not None and before.completes_partition:
        return before.last_cursor
    return work.cursors.of(yesterday)


def _page_on(work: _Day, unit: _Unit, cursor: int) -> None:
    end = _end(work)
    held = 0
    done = False
    while not done:
        one = _next_page(work, unit, cursor)
        # The first page of a batch may be larger than the batch: it lands alone.
        if work.pages and held + len(one.body) > LARGEST_BATCH_BYTES:
            _commit(work, unit, completes=False)
            held = 0
        work.pages.append(one)
        held += len(one.body)
        assert one.cursor_out is not None
        cursor = one.cursor_out
        done = bool(one.caught_up) or (end is not None and cursor >= end)
    # Of a day under way, an answer that tells nothing new is not worth a file each hour.
    if not work.so_far or any(one.answered for one in work.pages):
        _commit(work, unit, completes=not work.so_far)
    work.pages = []


def _end(work: _Day) -> int | None:
    """The first cursor behind the day; None while the day is under way."""
    known = work.day if work.so_far else work.day + timedelta(days=1)
    cursor = work.cursors.of(known)
    require_same_journal(work.connection, work.subscription.name, known, cursor)
    return None if work.so_far else cursor


def _next_page(work: _Day, unit: _Unit, cursor: int) -> Page:
    answer = work.client.changes(cursor, unit.codes, old=work.old)
    if answer.cursor_out is None or (answer.cursor_out <= cursor and not answer.caught_up):
        msg = (
            f"{answer.purpose} was answered with more to come (ajanTasalla false) and a "
            "viimeisinKirjausavain that does not go forward; going on would never end. What landed "
            "is kept; report this to the source's support."
        )
        raise UnreadableAnswer(msg)
    require_forward(work.subscription.name, answer.purpose, cursor, answer.cursor_out)
    work.calls += 1
    work.answered += answer.answered
    if work.progress is not None:
        work.progress(f"changes of {work.day}", work.calls, None)
    return page(answer, cursor_in=cursor, asked_as=unit.name, asked=len(unit.codes or ()))


def _commit(work: _Day, unit: _Unit, *, completes: bool) -> None:
    name = work.subscription.name
    first = work.pages[0].cursor_in
    last = work.pages[-1].cursor_out
    assert last is not None
    batch = NewBatch(
        subscription=name,
        kind="change",
        partition_day=work.day,
        round_id=None,
        unit=unit.name,
        file=f"landing/{name}/change/{work.day}/{unit.name}-{first}",
        sha256="",
        size=0,
        last_cursor=last,
        completes_partition=completes,
        run_id=work.run_id,
    )
    commit(work.connection, work.storage, work.key, batch, work.pages)
    _note(work, first, last)
    work.batches += 1
    work.pages = []


def _note(work: _Day, first: int, last: int) -> None:
    work.first = first if work.first is None else min(work.first, first)
    work.last = last if work.last is None else max(work.last, last)
