"""What is tried again, for how long, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from vtj_pipeline.errors import BudgetExhausted, SourceUnavailable, UnreadableAnswer
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource, Told, changes

FINE = changes(2)


def _busy(status: int, **headers: str) -> Told:
    return Told(b"", status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_429_waits_as_long_as_retry_after_says(
    source: FakeSource, opens: Opens, pauses: list[float]
) -> None:
    source.on("muutokset", _busy(429, Retry_After="7"), FINE)
    assert opens().changes(1).cursor_out == 2
    assert pauses == [7.0]


def test_retry_after_may_be_a_moment(source: FakeSource, opens: Opens, pauses: list[float]) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    source.on("muutokset", _busy(429, Retry_After=moment), FINE)
    opens().changes(1)
    assert len(pauses) == 1
    assert 60 < pauses[0] <= 90


@pytest.mark.parametrize("header", [{}, {"Retry_After": "soon"}])
def test_429_without_a_readable_retry_after_waits_longer_each_time(
    source: FakeSource, opens: Opens, pauses: list[float], header: dict[str, str]
) -> None:
    source.on("muutokset", *[_busy(429, **header)] * 3, FINE)
    opens().changes(1)
    assert len(pauses) == 3
    for number, pause in enumerate(pauses):
        assert 7.5 * 2**number <= pause <= 15 * 2**number


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_fault_passes_after_a_shorter_pause(
    source: FakeSource, opens: Opens, pauses: list[float], status: int
) -> None:
    source.on("muutokset", _busy(status), FINE)
    assert opens().changes(1).cursor_out == 2
    assert len(pauses) == 1
    assert 1.5 <= pauses[0] <= 3


def test_body_cut_on_its_way_is_asked_again(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", Told(FINE.body, cut=10), FINE)
    answer = opens().changes(1)
    assert answer.body == FINE.body
    assert source.bodies("muutokset") == [{"viimeisinKirjausavain": 1}] * 2


def test_json_that_breaks_off_is_asked_again_and_is_unreadable_in_the_end(
    source: FakeSource, opens: Opens
) -> None:
    broken = Told(FINE.body[:-5])
    source.on("muutokset", broken, FINE)
    assert opens().changes(1).cursor_out == 2
    source.on("muutokset", broken)
    with pytest.raises(UnreadableAnswer, match="not JSON"):
        opens(api_attempts=2).changes(1)
    assert len(source.asked) == 4


def test_tries_used_up_end_as_unavailable(
    source: FakeSource, opens: Opens, pauses: list[float]
) -> None:
    source.on("muutokset", _busy(503))
    with pytest.raises(SourceUnavailable, match=r"called 3 times.*status 503"):
        opens(api_attempts=3).changes(1)
    assert len(source.asked) == 3
    assert len(pauses) == 2


def test_server_that_is_not_there_is_unavailable(opens: Opens, source: FakeSource) -> None:
    source.url = "http://127.0.0.1:1/api/v1"
    with pytest.raises(SourceUnavailable, match="ConnectError"):
        opens(api_attempts=2).changes(1)


def test_calls_of_a_run_end_with_the_budget_retries_included(
    source: FakeSource, opens: Opens
) -> None:
    source.on("muutokset", _busy(503), FINE)
    client = opens(api_max_calls=3)
    client.changes(1)
    client.changes(2)
    with pytest.raises(BudgetExhausted, match="VTJ_API_MAX_CALLS"):
        client.changes(3)
    assert client.budget.used == len(source.asked) == 3


def test_pause_longer_than_the_seconds_left_is_not_begun(
    source: FakeSource, opens: Opens, pauses: list[float]
) -> None:
    source.on("muutokset", _busy(429, Retry_After="3600"))
    with pytest.raises(BudgetExhausted, match="VTJ_API_MAX_SECONDS"):
        opens(api_max_seconds=60).changes(1)
    assert pauses == []
