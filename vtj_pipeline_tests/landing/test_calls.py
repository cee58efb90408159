"""Every try of a call has its row, and the day's quota is one for all processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vtj_pipeline.errors import (
    BudgetExhausted,
    DatabaseUnavailable,
    SourceRefused,
    SourceUnavailable,
    UnreadableAnswer,
)
from vtj_pipeline.landing import recorded_calls
from vtj_pipeline.landing.calls import LedgerCalls
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import SourceClient, Subscription, open_source
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.fake_source import FakeSource, Told, basic_data, changes, told
from vtj_pipeline_tests.source.products import CODES, municipality

CALLS = "select purpose, attempt, status, error from ledger.source_call order by call_id"
USED = "select subscription, day::text, calls from ledger.quota_day order by 1, 2"
Asks = Callable[..., SourceClient]


@pytest.fixture
def asks(source: FakeSource, settings: Settings, ready_database: Database) -> Any:
    """Makes clients whose calls the ledger keeps."""
    opened: list[Any] = []

    def make(
        subscription: Subscription | None = None,
        *,
        kind: str = "change",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        **more: Any,
    ) -> SourceClient:
        chosen = subscription or municipality()
        context = recorded_calls(ready_database, chosen, kind=kind, run_id="run", clock=clock)
        log = context.__enter__()
        ours = Settings(home=settings.home, api_url=source.url, **more)
        client = open_source(ours, chosen, pause=lambda _: None, log=log)
        opened.extend([context, client])
        return client

    yield make
    for each in reversed(opened):
        each.__exit__(None, None, None)


def test_every_try_has_a_row_with_what_came_of_it(
    source: FakeSource, asks: Asks, ledger: Ledger
) -> None:
    client = asks(api_attempts=2)
    source.on(
        "muutokset",
        Told(b"", status=429),
        changes(2),
        Told(b"", status=500, headers={"X-Road-Error": "Server.ServerProxy.ServiceFailed"}),
        Told(changes(2).body, cut=5),
        Told(b"{"),
        Told(b"{"),
        told({"virhe": "ei"}, status=403),
        Told(b"<html>", content_type="text/html"),
    )
    client.changes(1)
    with pytest.raises(SourceUnavailable):
        client.changes(1)
    with pytest.raises(UnreadableAnswer):
        client.changes(1)
    with pytest.raises(SourceRefused):
        client.changes(1)
    with pytest.raises(UnreadableAnswer):
        client.changes(1)
    assert ledger.rows(CALLS) == [
        ("muutokset", 1, 429, "status"),
        ("muutokset", 2, 200, None),
        ("muutokset", 1, 500, "Server.ServerProxy.ServiceFailed"),
        ("muutokset", 2, None, "RemoteProtocolError"),
        ("muutokset", 1, 200, "UnreadableAnswer"),
        ("muutokset", 2, 200, "UnreadableAnswer"),
        ("muutokset", 1, 403, "SourceRefused"),
        ("muutokset", 1, 200, "UnreadableAnswer"),
        ("muutokset", 2, 200, "UnreadableAnswer"),
    ]
    [(seconds, kind, run, recent)] = ledger.rows(
        "select distinct min(seconds) over () >= 0, kind, run_id, "
        "min(started_at) over () > now() - interval '1 minute' from ledger.source_call"
    )
    assert (seconds, kind, run, recent) == (True, "change", "run", True)
    # What happened is no part of the truth.
    assert ledger.batches("file") == []


def test_no_row_holds_a_code_or_a_body(source: FakeSource, asks: Asks, ledger: Ledger) -> None:
    source.on("perustiedot", basic_data(CODES))
    asks().basic_data(CODES)
    said = str(ledger.rows("select * from ledger.source_call"))
    assert "perustiedot" in said
    assert not [code for code in CODES if code in said]


def test_calls_are_counted_by_the_day_in_finland(
    source: FakeSource, asks: Asks, ledger: Ledger
) -> None:
    source.on("muutokset", Told(b"", status=503), changes(2))
    late = datetime(2026, 11, 5, 21, 59, tzinfo=UTC)
    asks(clock=lambda: late).changes(1)
    asks(clock=lambda: late + timedelta(minutes=1)).changes(1)
    assert ledger.rows(USED) == [("towns", "2026-11-05", 2), ("towns", "2026-11-06", 1)]


def test_the_reserve_is_the_changes_alone(source: FakeSource, asks: Asks, ledger: Ledger) -> None:
    source.on("muutokset", changes(2))
    source.on("perustiedot", basic_data(CODES))
    limited = municipality(quota_calls_per_day=10, quota_nightly_reserve=3)
    baseline = asks(limited, kind="baseline")
    for _ in range(7):
        baseline.basic_data(CODES)
    for kind in ("baseline", "reconcile", "refresh"):
        with pytest.raises(BudgetExhausted, match=rf"7 calls of .* that {kind} may make.*night"):
            asks(limited, kind=kind).basic_data(CODES)
    night = asks(limited)
    for _ in range(3):
        night.changes(1)
    with pytest.raises(BudgetExhausted, match="10 calls"):
        night.changes(1)
    assert [calls for _, _, calls in ledger.rows(USED)] == [10]
    assert len(source.asked) == 10
    # Another subscription has a quota of its own, and another day a new one.
    asks(municipality(name="other", quota_calls_per_day=1)).changes(1)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    asks(limited, clock=lambda: tomorrow).changes(1)


def test_without_a_quota_calls_are_counted_only(
    source: FakeSource, asks: Asks, ledger: Ledger
) -> None:
    source.on("muutokset", changes(2))
    client = asks()
    for _ in range(12):
        client.changes(1)
    assert [calls for _, _, calls in ledger.rows(USED)] == [12]


def test_a_reserve_as_large_as_the_quota_leaves_nothing_for_else(
    source: FakeSource, asks: Asks
) -> None:
    limited = municipality(quota_calls_per_day=2, quota_nightly_reserve=2)
    with pytest.raises(BudgetExhausted):
        asks(limited, kind="baseline").basic_data(CODES)
    assert source.asked == []


def test_unset_the_reserve_is_a_fifth() -> None:
    assert municipality(quota_calls_per_day=10).reserve == 2
    assert municipality(quota_calls_per_day=1).reserve == 1
    assert municipality().reserve == 0


def _take_all(url: str, quota: int, taken: Any) -> None:
    """What a process takes until the quota is spent."""
    one = municipality(quota_calls_per_day=quota)
    moment = datetime(2026, 11, 5, tzinfo=UTC)
    with recorded_calls(Database(url), one, kind="change", run_id="p", clock=lambda: moment) as log:
        number = 0
        while True:
            try:
                log.take("muutokset")
            except BudgetExhausted:
                taken.put(number)
                return
            number += 1


def test_processes_share_one_quota(ready_database: Database, ledger: Ledger) -> None:
    context = multiprocessing.get_context("fork")
    taken = context.Queue()
    processes = [
        context.Process(target=_take_all, args=(ready_database.url, 40, taken)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    assert sum(taken.get(timeout=60) for _ in processes) == 40
    for process in processes:
        process.join()
    assert [calls for _, _, calls in ledger.rows(USED)] == [40]


def test_a_ledger_that_went_away_is_said_so(ready_database: Database) -> None:
    with recorded_calls(ready_database, municipality(), kind="change", run_id="run") as log:
        assert isinstance(log, LedgerCalls)
        connection = ready_database.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        connection.close()
        with pytest.raises(DatabaseUnavailable, match="start the same again"):
            log.take("muutokset")
