"""Answers that trying again would not help, and what their messages may not tell."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.errors import CursorExpired, SourceRefused, UnreadableAnswer, VtjError
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    Asked,
    FakeSource,
    Told,
    basic_data,
    changes,
    cursor,
    told,
)
from vtj_pipeline_tests.source.products import CODES, PASSWORD, USERNAME

IN_BODY = "Meikäläinen"
PAGE = Told(f"<html><body>{IN_BODY}</body></html>".encode(), content_type="text/html")


def test_a_page_in_the_sources_place_is_waited_out(
    source: FakeSource, opens: Opens, pauses: list[float]
) -> None:
    source.on("muutokset", PAGE, changes(2))
    assert opens().changes(1).cursor_out == 2
    assert len(pauses) == 1


def test_a_page_that_stays_in_the_sources_place_is_told(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", PAGE)
    client = opens()
    with pytest.raises(UnreadableAnswer, match=r"not JSON.*text/html.*/api/v1") as stopped:
        client.changes(1)
    assert len(source.asked) == client.settings.api_attempts
    assert IN_BODY not in str(stopped.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed(source: FakeSource, opens: Opens, status: int) -> None:
    source.on("elsewhere", changes(2))
    source.on("muutokset", Told(b"", status=status, headers={"Location": "/api/v1/elsewhere"}))
    with pytest.raises(SourceRefused, match="redirect, which is not followed"):
        opens().changes(1)
    assert source.paths() == ["muutokset"]


@pytest.mark.parametrize("status", [400, 404, 405, 415, 422])
def test_other_refusals_fail_at_once(source: FakeSource, opens: Opens, status: int) -> None:
    source.on("muutokset", told({"virhe": "ei"}, status=status))
    with pytest.raises(SourceRefused, match=f"status {status}"):
        opens().changes(1)
    assert len(source.bodies("muutokset")) == 1


def test_xroad_error_code_is_told_and_other_text_in_its_place_is_not(
    source: FakeSource, opens: Opens
) -> None:
    source.on(
        "muutokset",
        Told(b"", status=400, headers={"X-Road-Error": "Server.ServerProxy.AccessDenied"}),
        Told(b"", status=400, headers={"X-Road-Error": f"person {CODES[0]}"}),
    )
    client = opens()
    with pytest.raises(SourceRefused, match=r"Server\.ServerProxy\.AccessDenied"):
        client.changes(1)
    with pytest.raises(SourceRefused) as second:
        client.changes(1)
    assert CODES[0] not in str(second.value)


def test_gone_cursor_is_expired(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", Told(b"", status=410))
    with pytest.raises(CursorExpired, match="run baseline --fetch-again"):
        opens().changes(1)


def test_refusal_that_speaks_of_the_cursor_means_that_it_expired(
    source: FakeSource, opens: Opens
) -> None:
    source.on("muutokset", told({"virhe": "viimeisinKirjausavain on vanhentunut"}, status=400))
    with pytest.raises(CursorExpired):
        opens().changes(1)


OLD, YOUNG = 100, 900


def of_today() -> str:
    """The call for today's cursor; a run of all tests may go on past midnight."""
    return f"kirjausavain/{today_in_finland()}"


def from_on(oldest: int, status: int = 400) -> Callable[[Asked], Told]:
    """Changes of a source that keeps the journal from a cursor on and says nothing of it."""

    def answer(asked: Asked) -> Told:
        kept = asked.body["viimeisinKirjausavain"] >= oldest
        return changes(YOUNG + 50) if kept else told({"virhe": "ei"}, status=status)

    return answer


@pytest.mark.parametrize("status", [400, 404, 409, 416, 422])
def test_a_cursor_that_is_refused_where_todays_is_answered_has_expired(
    source: FakeSource, opens: Opens, status: int
) -> None:
    """However short the source's memory is, and whatever it says of it (contract §9 #9)."""
    source.on(of_today(), cursor(YOUNG))
    source.on("muutokset", from_on(YOUNG, status))
    with pytest.raises(CursorExpired, match=r"run baseline --fetch-again") as caught:
        opens().changes(OLD, CODES)
    assert caught.value.status == status
    # The same persons are asked about, so that only the cursor can be the reason.
    assert source.bodies("muutokset") == [
        {"viimeisinKirjausavain": at, "hetulista": list(CODES)} for at in (OLD, YOUNG)
    ]


def test_a_request_that_is_refused_for_today_as_well_has_not_expired(
    source: FakeSource, opens: Opens
) -> None:
    """Else a misspelt setting would be answered with a new baseline, which costs money."""
    source.on(of_today(), cursor(YOUNG))
    source.on("muutokset", from_on(10**9))
    for old in (False, True):
        with pytest.raises(SourceRefused, match="extra_body"):
            opens().changes(OLD, old=old)


def test_a_young_cursor_or_a_refused_permit_is_not_asked_about_twice(
    source: FakeSource, opens: Opens
) -> None:
    source.on(of_today(), cursor(YOUNG))
    source.on("muutokset", from_on(10**9))
    with pytest.raises(SourceRefused):
        opens().changes(YOUNG)
    assert len(source.bodies("muutokset")) == 1
    source.on("muutokset", from_on(10**9, status=403))
    with pytest.raises(SourceRefused, match="permit"):
        opens().changes(OLD)
    assert source.paths() == ["muutokset", of_today(), "muutokset"]


def test_a_source_that_does_not_answer_now_leaves_the_refusal_as_it_is(
    source: FakeSource, opens: Opens
) -> None:
    source.on(of_today(), Told(b"", status=503))
    source.on("muutokset", from_on(YOUNG))
    client = opens(api_attempts=2)
    with pytest.raises(SourceRefused):
        client.changes(OLD)
    with pytest.raises(CursorExpired):
        client.changes(OLD, old=True)


def test_a_day_that_is_refused_where_today_is_answered_is_no_longer_kept(
    source: FakeSource, opens: Opens
) -> None:
    source.on(of_today(), cursor(YOUNG))
    yesterday, today = today_in_finland() - timedelta(days=1), today_in_finland()
    source.on(f"kirjausavain/{yesterday}", Told(b"", status=404))
    with pytest.raises(CursorExpired):
        opens().cursor_of_day(yesterday)
    source.on(of_today(), Told(b"", status=404))
    for day in (yesterday, today):
        with pytest.raises(SourceRefused):
            opens().cursor_of_day(day)


@pytest.mark.parametrize("status", [400, 404])
def test_refusal_of_an_old_day_alone_means_that_it_expired_and_of_a_recent_one_does_not(
    source: FakeSource, opens: Opens, status: int
) -> None:
    source.on("kirjausavain/2026-11-05", Told(b"", status=status))
    source.on(of_today(), Told(b"", status=503))
    client = opens(api_attempts=1)
    with pytest.raises(CursorExpired):
        client.cursor_of_day(date(2026, 11, 5), old=True)
    with pytest.raises(SourceRefused):
        client.cursor_of_day(date(2026, 11, 5))


@pytest.mark.parametrize(
    "response",
    [
        PAGE,
        Told(f'{{"virhe": "{IN_BODY} {CODES[0]}"'.encode()),
        told({"perustiedot": f"{IN_BODY} {CODES[0]}", "ajanTasalla": True}),
        told({"virhe": f"{IN_BODY} {CODES[0]}"}, status=400),
        told({"virhe": f"{IN_BODY} {CODES[0]}"}, status=401),
        told({"virhe": f"{IN_BODY} {CODES[0]}"}, status=503),
        Told(basic_data(CODES).body, cut=9),
    ],
    ids=["page", "broken", "envelope", "refused", "credentials", "busy", "cut"],
)
def test_no_message_tells_password_code_or_body(
    source: FakeSource,
    opens: Opens,
    caplog: pytest.LogCaptureFixture,
    response: Told,
) -> None:
    caplog.set_level("DEBUG")
    source.on("perustiedot", response)
    client = opens(api_attempts=2)
    with pytest.raises(VtjError) as caught:
        client.basic_data(CODES)
    said = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(client.settings)
    for secret in (PASSWORD, IN_BODY, *CODES):
        assert secret not in said
    assert USERNAME not in str(caught.value)
