"""The journal: keys, cursors, pages, retention, scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import orjson
import pytest

from vtj_pipeline.sandbox import CENSORED, UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.journal import CursorTooOldError
from vtj_pipeline_tests.sandbox.conftest import BUSY, all_messages

DAY = timedelta(days=1)


def test_keys_are_wider_than_32_bits_and_grow_beyond_the_messages(busy: Sandbox) -> None:
    keys = [entry.key for entry in busy.world.journal.entries]
    assert min(keys) > 2**32
    assert all(later > earlier for earlier, later in pairwise(keys))
    assert keys[-1] - keys[0] > len(keys)


def test_the_cursor_of_a_day_yields_all_of_that_day_and_none_before(busy: Sandbox) -> None:
    whole = all_messages(busy, CENSORED)
    for ahead in (0, 1, 17, 39):
        day = BUSY.start + ahead * DAY
        told = all_messages(busy, CENSORED, busy.cursor_of_day(day))
        later = [m for m in whole if _local_day(m["muutospv"]) >= day]
        assert told == later


def test_a_day_before_the_journal_and_a_day_to_come(busy: Sandbox) -> None:
    first = busy.cursor_of_day(BUSY.start)
    assert busy.cursor_of_day(BUSY.start - 400 * DAY) == first
    newest = busy.changes(first + 10**9)["viimeisinKirjausavain"]
    assert newest == first + 10**9
    assert busy.cursor_of_day(busy.today) == busy.world.journal.last_key
    assert busy.cursor_of_day(busy.today + 900 * DAY) == busy.world.journal.last_key


def test_pages_of_any_size_hold_the_same_messages_in_the_same_order() -> None:
    whole = all_messages(Sandbox(replace(BUSY, page_size=10**6)), CENSORED)
    for size in (1, 7, 100):
        assert all_messages(Sandbox(replace(BUSY, page_size=size)), CENSORED) == whole


def test_the_same_request_gets_the_same_answer(busy: Sandbox) -> None:
    cursor = busy.cursor_of_day(BUSY.start + 5 * DAY)
    assert busy.changes_body(cursor) == busy.changes_body(cursor)


def test_a_page_that_the_last_message_just_fills_is_caught_up(busy: Sandbox) -> None:
    messages = len(all_messages(busy, CENSORED))
    exact = Sandbox(replace(BUSY, page_size=messages))
    assert exact.changes(0)["ajanTasalla"] is True
    less = Sandbox(replace(BUSY, page_size=messages - 1))
    assert less.changes(0)["ajanTasalla"] is False


def test_the_cursor_moves_on_over_messages_of_others(busy: Sandbox) -> None:
    code = busy.in_scope_codes()[0]
    last = busy.world.journal.last_key
    assert busy.changes(last - 1, [code]) == {
        "viimeisinKirjausavain": last,
        "muutokset": [],
        "ajanTasalla": True,
    }


def test_a_list_of_codes_is_a_filter_and_nothing_more(busy: Sandbox) -> None:
    whole = all_messages(busy, CENSORED)
    wanted = {message["henkilotunnus"] for message in whole[::7]}
    expected = [m for m in whole if m["henkilotunnus"] in wanted]
    many = Sandbox(replace(BUSY, page_size=10**6))
    assert many.changes(0, wanted)["muutokset"] == expected
    assert many.changes(0, [])["muutokset"] == []


def test_recording_times_never_run_backwards_and_keep_office_hours(busy: Sandbox) -> None:
    moments = [m["muutospv"] for m in all_messages(busy, CENSORED)]
    assert moments == sorted(moments)
    assert all(m.endswith("Z") and len(m) == len("2026-10-01T04:38:04.394Z") for m in moments)
    assert all(7 <= _local(m).hour < 17 for m in moments)


def test_changes_of_one_person_at_one_moment_are_one_message(busy: Sandbox) -> None:
    seen = [(m["henkilotunnus"], m["muutospv"]) for m in all_messages(busy, CENSORED)]
    assert len(seen) == len(set(seen))


def test_a_cursor_older_than_what_is_kept_is_refused() -> None:
    sandbox = Sandbox(replace(BUSY, retention_days=14))
    kept = sandbox.cursor_of_day(sandbox.today - 14 * DAY)
    assert sandbox.changes(kept)["muutokset"]
    with pytest.raises(CursorTooOldError, match="14 days"):
        sandbox.changes(kept - 1)


def test_a_mover_in_comes_whole_or_with_the_move_alone() -> None:
    def shapes(sandbox: Sandbox) -> dict[str, list[str]]:
        entered = {
            entry.code
            for entry in sandbox.world.journal.entries
            if entry.before not in sandbox.world.area
            and entry.before is not None
            and entry.after in sandbox.world.area
        }
        return {
            m["henkilotunnus"]: [row["tietoryhma"] for row in m["tietoryhmat"]]
            for m in reversed(all_messages(sandbox, CENSORED))
            if m["henkilotunnus"] in entered
        }

    whole = shapes(Sandbox(replace(BUSY, protected_share=0.0)))
    assert len(whole) > 5
    bare = shapes(Sandbox(replace(BUSY, protected_share=0.0, moving_in="move-only")))
    first = [code for code in whole if "SYNTYMAPAIVA" in whole[code]]
    assert len(first) > 5
    assert any("SYNTYMAPAIVA" not in bare[code] for code in first)


def test_a_mover_out_is_told_once_or_not_at_all() -> None:
    def leaving(sandbox: Sandbox) -> list[str | None]:
        area = sandbox.world.area
        gone = [
            e for e in sandbox.world.journal.entries if e.before in area and e.after not in area
        ]
        assert gone
        told = {(m["henkilotunnus"], m["muutospv"]) for m in all_messages(sandbox, UNCENSORED)}
        return [e.code for e in gone if (e.code, orjson.loads(e.told.plain)["muutospv"]) in told]

    assert leaving(Sandbox(BUSY))
    assert not leaving(Sandbox(replace(BUSY, moving_out="silent")))


def test_nobody_hears_of_persons_who_never_had_to_do_with_the_area(busy: Sandbox) -> None:
    area = busy.world.area
    concerned = {
        entry.code
        for entry in busy.world.journal.entries
        if entry.before in area or entry.after in area
    }
    assert {m["henkilotunnus"] for m in all_messages(busy, CENSORED)} <= concerned
    assert len(concerned) < len({entry.code for entry in busy.world.journal.entries})


def test_nothing_of_the_current_day_has_happened() -> None:
    sandbox = Sandbox(SandboxOptions(persons=50, days=0))
    assert all_messages(sandbox, CENSORED) == []
    assert sandbox.today == sandbox.options.start


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Helsinki"))


def _local_day(moment: str) -> date:
    return _local(moment).date()
