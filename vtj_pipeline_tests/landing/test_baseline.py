"""The baseline: unit by unit, resumable, with a known journal position and a price ceiling."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

from vtj_pipeline.errors import PermanentError, SourceUnavailable, UnreadableAnswer
from vtj_pipeline.landing import LandingReport, Storage, land_baseline, landed_batches, read_pages
from vtj_pipeline.landing.baseline_plan import price
from vtj_pipeline.postgres import Database
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    Asked,
    FakeSource,
    Told,
    basic_data,
    cursor,
    told,
    weekly_copy,
)
from vtj_pipeline_tests.source.products import CODES, code_list, many_codes, municipality

TAKEN = "2026-11-01"
RESIDENTS = {"297": CODES[:2], "091": CODES[1:]}


class Lands(Protocol):
    """Lands a baseline with a client of its own; settings by name."""

    def __call__(
        self,
        subscription: Subscription | None = None,
        *,
        more: dict[str, Any] | None = None,
        **settings: Any,
    ) -> LandingReport: ...


@pytest.fixture
def lands(opens: Opens, storage: Storage, ready_database: Database) -> Lands:
    def land(
        subscription: Subscription | None = None,
        *,
        more: dict[str, Any] | None = None,
        **settings: Any,
    ) -> LandingReport:
        chosen = subscription or municipality()
        client = opens(chosen, **{"api_attempts": 1, **settings})
        given = {"run_id": "test", **(more or {})}
        return land_baseline(chosen, client, storage, ready_database, **given)

    return land


def _copy(asked: Asked) -> Told:
    [code] = asked.body["kuntakoodit"]
    return weekly_copy(RESIDENTS[code], TAKEN)


def _live(asked: Asked) -> Told:
    return basic_data(asked.body["hetulista"])


def _today() -> str:
    return f"kirjausavain/{datetime.now(ZoneInfo('Europe/Helsinki')).date()}"


@pytest.fixture
def towns(source: FakeSource) -> FakeSource:
    """A source that has the weekly copy of both municipalities."""
    source.on("perustiedot-vko", _copy)
    source.on(f"kirjausavain/{TAKEN}", cursor(100))
    return source


@pytest.fixture
def live(source: FakeSource) -> FakeSource:
    """A source that answers live basic data; its journal stands at another place each time."""
    source.on("perustiedot", _live)
    source.on(_today(), cursor(900), cursor(950))
    return source


def test_weekly_copy_stands_at_the_first_cursor_of_its_extraction_day(
    towns: FakeSource, lands: Lands, ledger: Ledger, storage: Storage, ready_database: Database
) -> None:
    report = lands()
    assert sorted(str(body) for body in towns.bodies("perustiedot-vko")) == [
        "{'kuntakoodit': ['091']}",
        "{'kuntakoodit': ['297']}",
    ]
    assert towns.paths().count(f"kirjausavain/{TAKEN}") == 1
    assert (report.kind, report.partition_day, report.already_done) == ("baseline", None, False)
    assert (report.calls, report.answered, report.batches) == (2, 4, 2)
    assert (report.first_cursor, report.last_cursor) == (100, 100)
    for batch in landed_batches(ready_database):
        [page] = read_pages(storage, batch).to_pylist()
        assert (page["kind"], page["cursor_in"]) == ("baseline", 100)
        assert page["extraction_date"].isoformat() == TAKEN
    assert ledger.rows(
        "select subscription, completed_at is not null from ledger.baseline_round"
    ) == [("towns", True)]


def test_finished_baseline_is_left_alone_and_fetched_again_only_when_told_to(
    towns: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    lands()
    asked = len(towns.asked)
    assert lands().already_done
    assert len(towns.asked) == asked
    assert lands(more={"fetch_again": True}).calls == 2
    assert len(ledger.rows("select from ledger.baseline_round")) == 2


def test_interrupted_baseline_asks_only_for_what_is_missing(
    towns: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    def half(asked: Asked) -> Told:
        return Told(b"", status=503) if asked.body["kuntakoodit"] == ["091"] else _copy(asked)

    towns.on("perustiedot-vko", half)
    with pytest.raises(SourceUnavailable):
        lands(api_concurrency=1)
    assert ledger.batches("answered") == [(2,)]
    assert ledger.rows("select completed_at from ledger.baseline_round") == [(None,)]
    towns.on("perustiedot-vko", _copy)
    progress: list[tuple[int, int | None]] = []
    report = lands(more={"progress": lambda _, done, total: progress.append((done, total))})
    assert [body["kuntakoodit"] for body in towns.bodies("perustiedot-vko")] == [
        ["297"],
        ["091"],
        ["091"],
    ]
    assert (report.calls, progress) == (1, [(2, 2)])
    assert ledger.rows("select count(*), count(completed_at) from ledger.baseline_round") == [
        (1, 1)
    ]


def test_answers_that_came_before_another_call_failed_are_kept(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    both = threading.Barrier(2, timeout=20)

    def together(asked: Asked) -> Told:
        both.wait()
        return Told(b"", status=503) if asked.body["kuntakoodit"] == ["297"] else _copy(asked)

    source.on("perustiedot-vko", together)
    source.on(f"kirjausavain/{TAKEN}", cursor(100))
    with pytest.raises(SourceUnavailable):
        lands(api_concurrency=2)
    assert len(ledger.batches("file")) == 1


def test_no_more_calls_are_under_way_than_the_setting_allows(
    live: FakeSource, lands: Lands, tmp_path: Path
) -> None:
    lock = threading.Lock()
    now = most = 0
    pair = threading.Barrier(2, timeout=20)

    def counted(asked: Asked) -> Told:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        pair.wait()
        with lock:
            now -= 1
        return _live(asked)

    live.on("perustiedot", counted)
    assert lands(code_list(tmp_path, many_codes(3001)), api_concurrency=2).calls == 4
    assert most == 2


def test_no_more_answers_wait_to_land_than_the_setting_allows(
    live: FakeSource, lands: Lands, tmp_path: Path
) -> None:
    ahead: list[int] = []

    def note(_: str, landed: int, __: int | None) -> None:
        ahead.append(len(live.bodies("perustiedot")) - landed)

    listed = code_list(tmp_path, many_codes(8001))
    assert lands(listed, api_concurrency=2, more={"progress": note}).calls == 9
    assert max(ahead) <= 2


def test_code_list_is_asked_live_in_batches_after_the_cursor_is_known(
    live: FakeSource, lands: Lands, ledger: Ledger, tmp_path: Path
) -> None:
    codes = many_codes(2001)
    report = lands(code_list(tmp_path, codes))
    assert live.paths()[0] == _today()
    assert live.paths()[1:] == ["perustiedot"] * 3
    lists = [body["hetulista"] for body in live.bodies("perustiedot")]
    assert sorted(len(one) for one in lists) == [1, 1000, 1000]
    assert sorted(code for one in lists for code in one) == sorted(codes)
    assert (report.calls, report.answered, report.first_cursor) == (3, 2001, 900)
    assert sorted(ledger.calls("asked", "cursor_in")) == [(1, 900), (1000, 900), (1000, 900)]


def test_live_answers_of_a_resumed_baseline_stand_at_the_cursor_of_their_own_run(
    live: FakeSource, lands: Lands, ledger: Ledger, tmp_path: Path
) -> None:
    listed = code_list(tmp_path, many_codes(1001))
    live.on("perustiedot", _live, Told(b"", status=503))
    with pytest.raises(SourceUnavailable):
        lands(listed, api_concurrency=1)
    live.on("perustiedot", _live)
    lands(listed)
    assert ledger.calls("asked", "cursor_in") == [(1000, 900), (1, 950)]


def test_residents_asked_live_are_taken_from_the_weekly_copy_each_once(
    towns: FakeSource, live: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    report = lands(municipality(baseline="perustiedot"))
    assert all(body["tietoryhmat"] == ["KOTIKUNTA"] for body in towns.bodies("perustiedot-vko"))
    assert live.bodies("perustiedot") == [{"hetulista": sorted(CODES)}]
    assert report.answered == 3
    assert ledger.calls("purpose", "cursor_in") == [("perustiedot", 900)]


def test_weekly_copy_with_a_person_without_code_is_unreadable(
    source: FakeSource, lands: Lands, ledger: Ledger
) -> None:
    document = {"perustiedot": [{"tietoryhmat": []}], "ajanTasalla": True, "poimintapv": TAKEN}
    source.on("perustiedot-vko", told(document))
    with pytest.raises(UnreadableAnswer, match="henkilotunnus"):
        lands(municipality(baseline="perustiedot"))
    assert ledger.rows("select from ledger.baseline_round") == []


def test_code_list_may_take_the_weekly_copy(
    source: FakeSource, lands: Lands, ledger: Ledger, tmp_path: Path
) -> None:
    source.on("perustiedot-vko", weekly_copy(CODES, TAKEN))
    source.on(f"kirjausavain/{TAKEN}", cursor("100"))
    lands(code_list(tmp_path, baseline="perustiedot-vko"))
    assert source.bodies("perustiedot-vko") == [{"hetulista": list(CODES)}]
    assert ledger.calls("purpose", "cursor_in", "asked") == [("perustiedot-vko", 100, 3)]


def test_price_follows_the_price_list() -> None:
    assert price(0) == 0
    assert price(1_000) == pytest.approx(11)
    assert price(3_000_000) == pytest.approx(2_900_000 * 0.011 + 100_000 * 0.006)


@pytest.mark.parametrize(
    ("setting", "parameter"), [(0.02, None), (1_000, 0.02)], ids=["setting", "parameter"]
)
def test_price_above_the_ceiling_stops_before_the_first_call(
    live: FakeSource,
    lands: Lands,
    ledger: Ledger,
    tmp_path: Path,
    setting: float,
    parameter: float | None,
) -> None:
    listed = code_list(tmp_path)
    with pytest.raises(PermanentError, match=r"3 persons.*0\.03 euros.*allows 0\.02"):
        lands(listed, baseline_max_euros=setting, more={"max_euros": parameter})
    assert live.asked == []
    assert ledger.rows("select from ledger.baseline_round") == []
    assert lands(listed, baseline_max_euros=setting, more={"max_euros": 0.04}).answered == 3
