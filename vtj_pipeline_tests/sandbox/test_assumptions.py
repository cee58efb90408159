"""Every assumption of contract §9 has a switch, or a reason why none is needed; each switch works.

`SWITCHES` maps the thirty rows of §9. A row about how a client behaves needs no switch here, since
there is nothing in the source to be the other way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from vtj_pipeline.sandbox import CENSORED, UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.accounts import BY_CODE
from vtj_pipeline.sandbox.rows import ADDRESS
from vtj_pipeline_tests.sandbox.conftest import Message, all_messages
from vtj_pipeline_tests.sandbox.served import served

NONE = "no switch: "
SWITCHES: dict[int, tuple[str, ...] | str] = {
    1: ("extra_properties", "granted_groups"),
    2: ("moving_in",),
    3: ("moving_out", "protected_mover_out"),
    4: ("dateless_cursor",),
    5: ("day_cursor",),
    6: ("page_size", "split_messages"),
    7: ("page_order",),
    8: ("duplicates",),
    9: ("retention_days", "expired_cursor_status"),
    10: ("error_body", "refuse_malformed_codes", "outside_area", "xroad_fault_status"),
    11: ("faults", "retry_after_seconds", "daily_quota"),
    12: ("most_codes_in_changes",),
    13: ("protection_expiry",),
    14: ("protection_on", "protection_off_restores"),
    15: ("protected_moves",),
    16: ("home_restated",),  # KORJATTU comes in any case: `corrections.move_date`
    17: ("death",),
    18: ("removal_code", "removals"),
    19: ("old_codes_answer",),
    20: ("new_code_hears",),
    21: ("basic_data_caught_up",),
    22: ("weekly_copy", "copy_date", "copy_limit"),
    23: ("unknown_groups", "unknown_fields"),  # what nobody knows cannot be the other way
    24: ("temporary_stays",),
    25: NONE
    + "LISATIETO tells what stands (`records.context`); what a reader makes of it is its own",
    26: ("rough_dates", "rough_padding", "rough_firsts", "unknown_dates"),
    27: ("identity_trouble",),
    28: ("explicit_nulls", "odd_basic_data"),
    29: ("granted_groups",),
    30: ("future_moves", "future_times"),
}
BASE = SandboxOptions(persons=250, days=30, seed=5, activity=60.0, protected_share=0.1)
DAY = timedelta(days=1)


def test_all_thirty_rows_have_a_switch_or_a_reason() -> None:
    assert sorted(SWITCHES) == list(range(1, 31))
    known = {field.name for field in fields(SandboxOptions)}
    for switches in SWITCHES.values():
        assert isinstance(switches, str) or set(switches) <= known


@pytest.fixture(scope="module")
def usual() -> Sandbox:
    return Sandbox(BASE)


def _rows(messages: list[Message], group: str) -> list[dict[str, Any]]:
    return [r for m in messages for r in m.get("tietoryhmat", ()) if r["tietoryhma"] == group]


def test_1_properties_that_are_not_known(usual: Sandbox) -> None:
    body = {"viimeisinKirjausavain": usual.newest_cursor(), "tuotekoodi": "mutpT1"}
    with served(usual) as client:
        assert client.post("/api/v1/muutokset", json=body).status_code == 400
    with served(replace(BASE, extra_properties="accepted")) as client:
        assert client.post("/api/v1/muutokset", json=body).status_code == 200


def _leavers(sandbox: Sandbox, account: str, *, protected: bool = False) -> list[Message]:
    """The last messages about those who moved to another municipality of Finland."""
    area = sandbox.world.area
    keys = {
        entry.key
        for entry in sandbox.world.journal.entries
        if entry.before in area and entry.after not in area and entry.after is not None
        and (entry.told.plain != entry.told.censored) is protected
    }  # fmt: skip
    found = []
    for key in sorted(keys):
        page = sandbox.changes(key - 1, account=account)["muutokset"]
        found += page[:1]
    return found


def test_3_the_last_message_without_the_new_address() -> None:
    sandbox = Sandbox(replace(BASE, moving_out="without-address", page_size=1))
    messages = _leavers(sandbox, CENSORED)
    assert _rows(messages, "KOTIKUNTA")
    addresses = _rows(messages, ADDRESS)
    assert addresses
    assert all("loppupv" in row for row in addresses)


def test_3_where_a_protected_person_moves_to() -> None:
    options = replace(BASE, protected_share=0.4, page_size=1)
    homes = _rows(_leavers(Sandbox(options), CENSORED, protected=True), "KOTIKUNTA")
    assert homes
    assert all("kuntakoodi" not in row for row in homes)
    told = Sandbox(replace(options, protected_mover_out="told"))
    messages = _leavers(told, CENSORED, protected=True)
    homes = [r for r in _rows(messages, "KOTIKUNTA") if r["muutosattribuutti"] == "LISATTY"]
    assert homes
    assert all("kuntakoodi" in row for row in homes)
    assert all("turvakiellonAlaisetKentat" in row for row in _rows(messages, ADDRESS))


def test_4_the_newest_cursor_without_a_date(usual: Sandbox) -> None:
    path = "/api/v1/kirjausavain"
    with served(usual) as client:
        assert client.get(path).json() == {"viimeisinKirjausavain": usual.newest_cursor()}
        assert client.get(path, auth=("mutpT1x", "no")).status_code == 401
    with served(replace(BASE, dateless_cursor="refused")) as client:
        assert client.get(path).status_code == 404


def test_5_the_cursor_of_a_day() -> None:
    day = BASE.start + 10 * DAY
    own = Sandbox(BASE)
    of_day = own.changes(own.cursor_of_day(day))["muutokset"]
    before = Sandbox(replace(BASE, day_cursor="last-before"))
    assert before.cursor_of_day(day) < own.cursor_of_day(day)
    assert before.changes(before.cursor_of_day(day))["muutokset"] == of_day
    first = Sandbox(replace(BASE, day_cursor="first-message"))
    keys = [e.key for e in first.world.journal.entries]
    assert first.cursor_of_day(day) in keys
    assert first.cursor_of_day(day) == min(k for k in keys if k > own.cursor_of_day(day))


@pytest.mark.parametrize("mode", ["own-entry", "last-before", "first-message"])
def test_5_and_9_the_oldest_day_that_is_kept_can_be_read(mode: str) -> None:
    sandbox = Sandbox(replace(BASE, day_cursor=mode, retention_days=14))
    oldest = sandbox.today - 14 * DAY
    assert sandbox.changes(sandbox.cursor_of_day(oldest))["muutokset"]


def test_5_a_day_without_messages_has_its_own_entry() -> None:
    sandbox = Sandbox(
        replace(BASE, persons=1, outsiders=0.0, activity=0.0, day_cursor="first-message")
    )
    journal = sandbox.world.journal
    empty = [d for d in journal.day_keys if not journal.told_of[d]]
    assert empty
    assert all(sandbox.cursor_of_day(day) == journal.day_keys[day] for day in empty)


def test_6_a_change_in_two_messages_of_one_moment(usual: Sandbox) -> None:
    split = all_messages(Sandbox(replace(BASE, split_messages=1.0)), UNCENSORED)
    whole = all_messages(usual, UNCENSORED)
    assert len(split) > len(whole) * 1.2
    pairs = [(a, b) for a, b in pairwise(split) if _outside(a) == _outside(b)]
    assert pairs
    for message in split:
        told = Counter(row["muutosattribuutti"] for row in message["tietoryhmat"])
        assert told["KORJATTAVA"] == told["KORJATTU"]


def _outside(message: Message) -> tuple[str, str]:
    return message["henkilotunnus"], message["muutospv"]


def test_7_other_orders_of_a_page_hold_the_same_messages(usual: Sandbox) -> None:
    plain = usual.changes(0)
    for order in ("by-person", "shuffled"):
        sandbox = Sandbox(replace(BASE, page_order=order))
        page = sandbox.changes(0)
        assert page["viimeisinKirjausavain"] == plain["viimeisinKirjausavain"]
        assert page["muutokset"] != plain["muutokset"]
        assert sorted(map(str, page["muutokset"])) == sorted(map(str, plain["muutokset"]))
        assert sandbox.changes(0) == page
        if order == "by-person":
            codes = [message["henkilotunnus"] for message in page["muutokset"]]
            changes = sum(one != other for one, other in pairwise(codes))
            assert changes == len(set(codes)) - 1


@pytest.mark.parametrize("status", [404, 410, 422])
def test_9_the_status_of_an_expired_cursor(status: int) -> None:
    with served(replace(BASE, retention_days=14, expired_cursor_status=status)) as client:
        answer = client.post("/api/v1/muutokset", json={"viimeisinKirjausavain": 1})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("shape", "kind"),
    [("json", "application/json"), ("problem", "application/problem+json"),
     ("text", "text/plain; charset=utf-8"), ("empty", None)],
)  # fmt: skip
def test_10_shapes_of_errors(shape: str, kind: str | None) -> None:
    with served(replace(BASE, error_body=shape)) as client:
        wrong = client.post("/api/v1/perustiedot", json={})
        absent = client.get("/api/v1/nothing")
        for answer, status in ((wrong, 400), (absent, 404)):
            assert answer.status_code == status
            assert answer.headers.get("content-type") == kind
            assert bool(answer.content) == (kind is not None)


def test_10_municipalities_outside_the_product(usual: Sandbox) -> None:
    own = min(usual.world.area)
    with served(usual) as client:
        assert _copy(client, kuntakoodit=[own, "091"]).status_code == 200
    with served(replace(BASE, outside_area="forbidden")) as client:
        assert _copy(client, kuntakoodit=[own, "091"]).status_code == 403
        assert _copy(client, kuntakoodit=[own]).status_code == 200
        assert _copy(client).status_code == 200


def _copy(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/v1/perustiedot-vko", json=body)


def test_12_most_codes_in_changes(usual: Sandbox) -> None:
    body = {"viimeisinKirjausavain": 0, "hetulista": ["x"] * 1500}
    with served(usual) as client:
        assert client.post("/api/v1/muutokset", json=body).status_code == 200
    with served(replace(BASE, most_codes_in_changes=1000)) as client:
        assert client.post("/api/v1/muutokset", json=body).status_code == 400
        body["hetulista"] = ["x"] * 1000
        assert client.post("/api/v1/muutokset", json=body).status_code == 200


def test_13_the_end_of_an_order_is_told_by_itself() -> None:
    options = replace(BASE, protected_share=0.5, days=90)
    assert _overdue(Sandbox(options))
    telling = Sandbox(replace(options, protection_expiry="message"))
    told = [events["protection.expired"] for events in telling.world.journal.told_of.values()]
    assert sum(told) > 0
    assert not _overdue(telling)


def _overdue(sandbox: Sandbox) -> list[str]:
    """Who is under an order whose end has passed."""
    found = []
    for person in sandbox.world.people:
        ends = None if person.protection is None else person.protection.ends
        passed = ends is not None and ends < sandbox.today - DAY
        if passed and person.is_protected and person.is_alive:
            found.append(person.code)
    return found


def test_15_moves_of_protected_persons_can_be_silent() -> None:
    options = replace(BASE, protected_share=0.4)
    assert [m for m in all_messages(Sandbox(options), CENSORED) if _is_masked_move(m)]
    silent = Sandbox(replace(options, protected_moves="silent"))
    # Those who come into the area are told whole, and so are new orders.
    assert not [m for m in all_messages(silent, CENSORED) if _is_masked_move(m)]
    assert len(all_messages(silent, UNCENSORED)) > len(all_messages(silent, CENSORED))


def _is_masked_move(message: Message) -> bool:
    rows = message["tietoryhmat"]
    groups = {row["tietoryhma"] for row in rows}
    masked = any("turvakiellonAlaisetKentat" in row for row in _rows([message], ADDRESS))
    return masked and not groups & {"TURVAKIELTO", "SUKUPUOLI"}


def test_16_a_home_is_told_again() -> None:
    messages = all_messages(Sandbox(replace(BASE, home_restated=50.0)), UNCENSORED)
    told = Counter(row["muutosattribuutti"] for row in _rows(messages, "KOTIKUNTA"))
    assert told["MUUTETTU"] > 0


def test_20_a_change_of_code_under_the_new_code() -> None:
    for hears in (False, True):
        sandbox = Sandbox(replace(BASE, new_code_hears=hears, activity=300.0))
        person = next(p for p in sandbox.world.by_old_code.values() if len(p.old_codes) == 1)
        cursor = sandbox.cursor_of_day(BASE.start)
        found = sandbox.changes(cursor, [person.code], BY_CODE)["muutokset"]
        old = [m for m in found if m["henkilotunnus"] == person.old_codes[0]]
        assert bool(old) is hears
        assert all(_rows([m], "HENKILOTUNNUS_KORJAUS") for m in old)


def test_21_basic_data_that_are_not_caught_up() -> None:
    sandbox = Sandbox(replace(BASE, basic_data_caught_up=False))
    assert sandbox.basic_data(["010190-900P"])["ajanTasalla"] is False


def test_22_the_weekly_copy_is_of_the_last_monday(usual: Sandbox) -> None:
    options = replace(BASE, weekly_copy="weekly")
    sandbox = Sandbox(options)
    monday = sandbox.today - timedelta(days=sandbox.today.weekday())
    assert monday < sandbox.today
    copy = sandbox.weekly_copy()
    assert copy["poimintapv"] == monday.isoformat()
    then = Sandbox(replace(BASE, clock=monday))
    assert copy["perustiedot"] == then.weekly_copy()["perustiedot"]
    assert copy["perustiedot"] != usual.weekly_copy()["perustiedot"]
    sandbox.advance_to(sandbox.today + 7 * DAY)
    assert sandbox.weekly_copy()["poimintapv"] == (monday + 7 * DAY).isoformat()


@pytest.mark.parametrize(
    ("form", "text"),
    [("date", "2026-10-31"), ("instant", "2026-10-31T00:00:00.000Z"), ("finnish", "31.10.2026")],
)
def test_22_forms_of_the_extraction_date(form: str, text: str) -> None:
    sandbox = Sandbox(replace(BASE, copy_date=form))
    assert sandbox.weekly_copy()["poimintapv"] == text


def test_22_a_copy_may_have_a_limit(usual: Sandbox) -> None:
    people = len(usual.in_scope_codes())
    for limit, caught_up in ((people - 1, False), (people, True)):
        copy = Sandbox(replace(BASE, copy_limit=limit)).weekly_copy()
        assert len(copy["perustiedot"]) == limit
        assert copy["ajanTasalla"] is caught_up


def test_24_several_temporary_stays_at_once() -> None:
    options = replace(BASE, temporary_stays="many", activity=400.0)
    sandbox = Sandbox(options)
    people = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    counts = [
        sum(row["tietoryhma"] == "TILAPAINEN_KOTIMAINEN_OSOITE" for row in p["tietoryhmat"])
        for p in people
    ]
    assert max(counts) >= 2
    usual = Sandbox(replace(options, temporary_stays="one"))
    people = usual.basic_data(usual.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    assert all(
        sum(row["tietoryhma"] == "TILAPAINEN_KOTIMAINEN_OSOITE" for row in p["tietoryhmat"]) < 2
        for p in people
    )


def test_30_moves_of_days_to_come(usual: Sandbox) -> None:
    for sandbox, future in ((usual, False), (Sandbox(replace(BASE, future_moves=0.5)), True)):
        later = [
            message
            for message in all_messages(sandbox, UNCENSORED)
            for row in message["tietoryhmat"]
            if row["tietoryhma"] == "KOTIKUNTA"
            and row["kuntaanMuuttopv"]["arvo"] > message["muutospv"][:10]
        ]
        assert bool(later) is future
