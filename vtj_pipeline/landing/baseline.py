"""The baseline: the basic data of every person in scope, unit by unit, each committed on its own.

Keep out changes (`changes.py`), and what the answers mean (`events/`).
"""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vtj_pipeline.errors import PermanentError
from vtj_pipeline.landing.ledger import (
    NewBatch,
    baseline_is_complete,
    complete_round,
    open_round,
)
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.landing.report import LandingReport, Progress, commit, ledger_connection, page
from vtj_pipeline.source import LARGEST_CODE_LIST

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.landing.pages import Page
    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.source import SourceClient, Subscription

_logger = logging.getLogger(__name__)
# DVV's price list: euros a person, and the number of persons above which the next are cheaper.
EUROS = 0.011
EUROS_ABOVE = 0.006
CHEAPER_ABOVE = 2_900_000
ASKED_AT_ONCE = 4


@dataclass(frozen=True)
class _Unit:
    """What one call asks for: municipalities of the weekly copy, or codes."""

    municipalities: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return asked_hash(self.municipalities or self.codes)


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

    Raises:
        PermanentError: the codes would cost more than `max_euros`.
        VtjError: whatever the source or the database fails with.
    """
    started = time.perf_counter()
    with ledger_connection(database) as connection:
        if baseline_is_complete(connection, subscription.name) and not fetch_again:
            return _report(subscription, [], started, already_done=True)
        is_live = subscription.baseline == "perustiedot"
        today = datetime.now(ZoneInfo("Europe/Helsinki")).date()
        position = client.cursor_of_day(today) if is_live else None
        units = _units(subscription, client)
        _check_price(subscription, units, max_euros)
        round_id, done = open_round(connection, subscription.name, run_id)
        waiting = [unit for unit in units if unit.name not in done]
        pages: list[Page] = []
        positions: dict[date, int] = {}
        with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
            asked = {pool.submit(_ask, client, unit, position, positions): unit for unit in waiting}
            try:
                for number, future in enumerate(as_completed(asked)):
                    one, unit = future.result(), asked[future]
                    batch = NewBatch(
                        subscription=subscription.name,
                        kind="baseline",
                        partition_day=None,
                        round_id=round_id,
                        unit=unit.name,
                        file=f"landing/{subscription.name}/baseline/{round_id}/{unit.name}",
                        sha256="",
                        size=0,
                        last_cursor=one.cursor_in,
                        completes_partition=False,
                        run_id=run_id,
                    )
                    commit(connection, storage, batch, [one])
                    pages.append(one)
                    if progress:
                        progress("baseline calls", len(done) + number + 1, len(units))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        complete_round(connection, round_id)
    return _report(subscription, pages, started, already_done=False)


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
        codes.update(p["henkilotunnus"] for p in json.loads(answer.body)["perustiedot"])
    return sorted(codes)


def _ask(
    client: SourceClient, unit: _Unit, position: int | None, positions: dict[date, int]
) -> Page:
    if unit.codes and position is not None:
        answer = client.basic_data(unit.codes)
        return page(answer, cursor_in=position, codes=unit.codes, asked=len(unit.codes))
    answer = client.weekly_copy(
        municipalities=unit.municipalities or None, codes=unit.codes or None
    )
    day = answer.extraction_date or answer.fetched_at.date()
    if day not in positions:
        positions[day] = client.cursor_of_day(day)
    return page(
        answer,
        cursor_in=positions[day],
        codes=unit.municipalities or unit.codes,
        asked=len(unit.codes),
    )


def _check_price(subscription: Subscription, units: list[_Unit], max_euros: float | None) -> None:
    persons = sum(len(unit.codes) for unit in units)
    euros = price(persons)
    _logger.info(
        "Baseline of %s: %d calls, %d persons asked by code, at most %.2f euros",
        subscription.name,
        len(units),
        persons,
        euros,
    )
    if max_euros is not None and euros > max_euros:
        msg = (
            f"The baseline of {subscription.name} asks for {persons} persons, which can cost "
            f"{euros:.2f} euros; VTJ_BASELINE_MAX_EUROS allows {max_euros:.2f}. Nothing was asked. "
            "Raise the ceiling if that is meant."
        )
        raise PermanentError(msg)


def _report(
    subscription: Subscription, pages: list[Page], started: float, *, already_done: bool
) -> LandingReport:
    cursors = [one.cursor_in for one in pages] or [0]
    return LandingReport(
        subscription.name,
        "baseline",
        None,
        len(pages),
        sum(one.answered for one in pages),
        len(pages),
        min(cursors),
        max(cursors),
        already_done=already_done,
        seconds=time.perf_counter() - started,
    )
