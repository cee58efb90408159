"""The baseline: the basic data of every person in scope, unit by unit, each committed on its own.

Keep out changes (`changes.py`), and what the answers mean (`events/`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vtj_pipeline.errors import PermanentError, UnreadableAnswer
from vtj_pipeline.landing.ledger import (
    NewBatch,
    baseline_is_complete,
    complete_round,
    open_round,
)
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.landing.report import LandingReport, Progress, commit, ledger_connection, page
from vtj_pipeline.source import LARGEST_CODE_LIST
from vtj_pipeline.source.messages import NotTheEnvelope, codes_of

if TYPE_CHECKING:
    from vtj_pipeline.landing.pages import Page
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.source import SourceClient, Subscription

_logger = logging.getLogger(__name__)
# DVV's price list: euros a person, and the number of persons above which the next are cheaper.
EUROS = 0.011
EUROS_ABOVE = 0.006
CHEAPER_ABOVE = 2_900_000


@dataclass(frozen=True)
class _Unit:
    """What one call asks for: municipalities of the weekly copy, or codes."""

    municipalities: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return asked_hash(self.municipalities or self.codes)


@dataclass
class _Done:
    """What a run has landed so far: counts only, since the bodies are large."""

    calls: int = 0
    answered: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, one: Page) -> None:
        """Count a landed answer."""
        self.calls += 1
        self.answered += one.answered
        self.first = one.cursor_in if self.first is None else min(self.first, one.cursor_in)
        self.last = one.cursor_in if self.last is None else max(self.last, one.cursor_in)


@dataclass
class _Asker:
    """Asks for units; safe to share by threads.

    Attributes:
        position: Journal position of live answers, known before they are asked for; None where
            the weekly copy is asked, whose answers tell their day.
    """

    client: SourceClient
    position: int | None
    _positions: dict[date, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, unit: _Unit) -> Page:
        """The answer for a unit."""
        if self.position is not None:
            answer = self.client.basic_data(unit.codes)
            position = self.position
        else:
            answer = self.client.weekly_copy(
                municipalities=unit.municipalities or None, codes=unit.codes or None
            )
            assert answer.extraction_date is not None
            position = self._cursor_of(answer.extraction_date)
        return page(
            answer,
            cursor_in=position,
            codes=unit.municipalities or unit.codes,
            asked=len(unit.codes),
        )

    def _cursor_of(self, day: date) -> int:
        with self._lock:
            if day not in self._positions:
                self._positions[day] = self.client.cursor_of_day(day)
            return self._positions[day]


def price(persons: int) -> float:
    """What the basic data of so many persons cost, in euros (contract §5)."""
    return EUROS * min(persons, CHEAPER_ABOVE) + EUROS_ABOVE * max(persons - CHEAPER_ABOVE, 0)


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
) -> LandingReport:
    """Land the basic data of every person of a subscription.

    An interrupted baseline goes on with the units that have not landed; a finished one is left
    alone unless `fetch_again`. The journal position of the answers is known before they are
    asked for: that of today for live answers, that of the extraction day for the weekly copy,
    whose data are older (contract §2.6 #8).

    Args:
        subscription: Whose persons.
        client: The source; `client.settings` bounds the calls under way at once and the price.
        storage: Where files go.
        database: Where the ledger is.
        run_id: The run, for the ledger.
        max_euros: Another price ceiling than `client.settings.baseline_max_euros`.
        fetch_again: Fetch everything once more, although a baseline is finished.
        progress: Told after each landed answer.

    Raises:
        PermanentError: the codes would cost more than the ceiling.
        VtjError: whatever the source or the database fails with.
    """
    started = time.perf_counter()
    done = _Done()
    with ledger_connection(database) as connection:
        already_done = not fetch_again and baseline_is_complete(connection, subscription.name)
        connection.rollback()
        if already_done:
            return _report(subscription, done, started, already_done=True)
        units = _units(subscription, client)
        ceiling = client.settings.baseline_max_euros if max_euros is None else max_euros
        _check_price(subscription, units, ceiling)
        asker = _Asker(client, _live_position(subscription, client))
        round_id, landed = open_round(connection, subscription.name, run_id)
        waiting = [unit for unit in units if unit.name not in landed]
        with closing(_answers(asker, waiting)) as answers:
            for unit, one in answers:
                batch = _batch(subscription.name, unit, one, round_id=round_id, run_id=run_id)
                commit(connection, storage, batch, [one])
                done.add(one)
                if progress:
                    progress("baseline calls", len(units) - len(waiting) + done.calls, len(units))
        complete_round(connection, round_id)
    return _report(subscription, done, started, already_done=False)


def _live_position(subscription: Subscription, client: SourceClient) -> int | None:
    if subscription.baseline != "perustiedot":
        return None
    return client.cursor_of_day(datetime.now(ZoneInfo("Europe/Helsinki")).date())


def _answers(asker: _Asker, units: Sequence[_Unit]) -> Generator[tuple[_Unit, Page], None, None]:
    """The answers as they come, at most `api_concurrency` of them held at once."""
    waiting = iter(units)
    at_once = asker.client.settings.api_concurrency
    asked: dict[Future[Page], _Unit] = {}
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


def _batch(name: str, unit: _Unit, one: Page, *, round_id: int, run_id: str) -> NewBatch:
    return NewBatch(
        subscription=name,
        kind="baseline",
        partition_day=None,
        round_id=round_id,
        unit=unit.name,
        file=f"landing/{name}/baseline/{round_id}/{unit.name}",
        sha256="",
        size=0,
        last_cursor=one.cursor_in,
        completes_partition=False,
        run_id=run_id,
    )


def _units(subscription: Subscription, client: SourceClient) -> list[_Unit]:
    if subscription.product == "identity_codes":
        codes = list(subscription.identity_codes())
    elif subscription.baseline == "perustiedot-vko":
        return [_Unit(municipalities=(code,)) for code in subscription.municipalities]
    else:
        codes = _residents(subscription, client)
    return [
        _Unit(codes=tuple(codes[first : first + LARGEST_CODE_LIST]))
        for first in range(0, len(codes), LARGEST_CODE_LIST)
    ]


def _residents(subscription: Subscription, client: SourceClient) -> list[str]:
    """The codes of the municipalities' residents, from the weekly copy.

    Who moved in since its extraction comes with the changes, which start earlier than that.
    """
    codes: set[str] = set()
    for municipality in subscription.municipalities:
        answer = client.weekly_copy(municipalities=[municipality], groups=["KOTIKUNTA"])
        try:
            codes.update(codes_of(answer.body))
        except NotTheEnvelope as error:
            msg = (
                f"{answer.purpose} was answered with something that is not the agreed JSON: "
                f"{error}. Nothing landed; report this to the source's support."
            )
            raise UnreadableAnswer(msg) from None
    return sorted(codes)


def _check_price(subscription: Subscription, units: Sequence[_Unit], ceiling: float) -> None:
    persons = sum(len(unit.codes) for unit in units)
    euros = price(persons)
    _logger.info(
        "Baseline of %s: %d calls, %d persons asked by code, at most %.2f euros",
        subscription.name,
        len(units),
        persons,
        euros,
    )
    if euros > ceiling:
        msg = (
            f"The baseline of {subscription.name} asks for {persons} persons, which can cost "
            f"{euros:.2f} euros; VTJ_BASELINE_MAX_EUROS allows {ceiling:.2f}. No basic data was "
            "asked for. Raise the ceiling if that is meant."
        )
        raise PermanentError(msg)


def _report(
    subscription: Subscription, done: _Done, started: float, *, already_done: bool
) -> LandingReport:
    return LandingReport(
        subscription=subscription.name,
        kind="baseline",
        partition_day=None,
        calls=done.calls,
        answered=done.answered,
        batches=done.calls,
        first_cursor=done.first or 0,
        last_cursor=done.last or 0,
        already_done=already_done,
        seconds=time.perf_counter() - started,
    )
