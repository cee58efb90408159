"""Bulk days, oddly spelled facts, other readings: the feed leads to the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import CENSORED, UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.accounts import TAILORED, TAILORED_CENSORED
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline_tests.sandbox.conftest import Message, all_messages
from vtj_pipeline_tests.sandbox.replay import Replay, shown

pytestmark = pytest.mark.slow

BASE = SandboxOptions(persons=250, days=40, seed=11, activity=60.0, protected_share=0.05)
MERGED = BASE.start + timedelta(days=20)
DAY = timedelta(days=1)
VARIANTS: dict[str, dict[str, Any]] = {
    "crowded pages": {"crowded": 0.5},
    "first days as months": {"rough_firsts": 1.0},
    "unknown dates": {"unknown_dates": 0.5},
    "years that keep their day": {"rough_dates": 0.5, "rough_padding": "kept"},
    "blanks after names": {"trailing_blanks": 0.5},
    "wrong check characters": {"wrong_checks": 0.5},
    "guardians without code": {"codeless_guardians": 1.0},
    "moves to come": {"future_moves": 0.5},
    "several stays": {"temporary_stays": "many", "activity": 200.0},
    "homes told again": {"home_restated": 50.0},
    "orders that end by themselves": {"protection_expiry": "message", "protected_share": 0.3},
    "a mover-out's municipality": {"protected_mover_out": "told", "protected_share": 0.3},
    "a merger": {"merger_day": MERGED},
    "a merger at the turn of the year": {
        "start": date(2026, 12, 1),
        "merger_day": date(2027, 1, 1),
    },
    "a merger of the largest": {
        "merger_day": MERGED,
        "merger_from": "405",
        "merger_into": "441",
        "activity": 200.0,
    },
    "a merger into elsewhere": {"merger_day": MERGED, "merger_into": "091"},
    "a partial transfer": {"transfer_day": MERGED, "transfer_persons": 40},
    "a partial transfer to elsewhere": {
        "transfer_day": MERGED,
        "transfer_into": "091",
        "activity": 200.0,
    },
    "all that is left of one, after a merger": {
        "merger_day": MERGED,
        "transfer_day": MERGED,
        "transfer_from": "405",
        "transfer_persons": 10_000,
        "temporary_stays": "many",
        "activity": 200.0,
    },
    "removed homes": {"removals": 60, "removals_day": MERGED, "removal_code": "199"},
    "a flood": {"bulk_messages": 2000},
}


def _options(variant: str) -> SandboxOptions:
    return replace(BASE, **VARIANTS[variant])


def _compare(options: SandboxOptions, account: str, replay: Replay | None = None) -> Sandbox:
    """Live with a baseline of the first day and the feed; compare on three days."""
    sandbox, replay = Sandbox(replace(options, clock=options.start)), replay or Replay()
    cursor = sandbox.cursor_of_day(options.start)
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(account), account=account))
    for days in (1, 21, options.days):
        sandbox.advance_to(options.start + days * DAY)
        caught_up = False
        while not caught_up:
            page = sandbox.changes(cursor, account=account)
            replay.page(page)
            cursor, caught_up = page["viimeisinKirjausavain"], page["ajanTasalla"]
        codes = sandbox.in_scope_codes(account)
        people = sandbox.basic_data(codes, account=account)["perustiedot"]
        assert [person["henkilotunnus"] for person in people] == codes
        wrong = [p for p in people if replay.rows(p["henkilotunnus"]) != shown(p)]
        assert not wrong, f"{len(wrong)} of {len(codes)} persons differ after {days} days"
    return sandbox


@pytest.mark.parametrize("account", [CENSORED, UNCENSORED])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_feed_leads_to_the_truth(variant: str, account: str) -> None:
    options = _options(variant)
    if options.bulk_messages:
        options = replace(options, bulk_day=MERGED)
    _compare(options, account)


@pytest.mark.parametrize("account", [TAILORED, TAILORED_CENSORED])
@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"tailored_from_age": 18, "tailored_to_age": 29},
        {"tailored_from_age": 0, "tailored_municipalities": ("091", "297", "405")},
    ],
)
def test_a_tailored_product_hears_all_of_its_people(
    account: str, condition: dict[str, Any]
) -> None:
    options = replace(BASE, days=400, activity=6.0, outsiders=2.0, **condition)
    sandbox = _compare(options, account)
    by_age = [entry for entry in sandbox.world.journal.entries if entry.by_age]
    assert bool(by_age) == (options.tailored_from_age > 0)


def _messages(**options: Any) -> tuple[Sandbox, list[Message]]:
    sandbox = Sandbox(replace(BASE, **options))
    return sandbox, all_messages(sandbox, UNCENSORED)


def _rows(messages: list[Message], group: str) -> list[dict[str, Any]]:
    return [r for m in messages for r in m["tietoryhmat"] if r["tietoryhma"] == group]


def test_a_merger_recodes_everybody_of_the_municipality_on_its_day() -> None:
    before, _ = _messages(clock=MERGED)
    old = before.options.merger_from or min(
        before.world.area, key=lambda c: before.world.reference.municipalities[c].population
    )
    movers = [p.code for p in before.world.people if p.municipality == old and p.is_alive]
    after, _ = _messages(clock=MERGED + DAY, merger_day=MERGED)
    assert movers
    told = after.changes(after.cursor_of_day(MERGED), account=UNCENSORED)["muutokset"]
    homes = {
        m["henkilotunnus"]: row["kuntakoodi"]
        for m in told
        for row in m["tietoryhmat"]
        if row["tietoryhma"] == "KOTIKUNTA" and row["muutosattribuutti"] == "LISATTY"
    }
    assert set(movers) <= set(homes)
    for person in after.world.people:
        if person.is_alive:
            assert person.municipality != old
            assert person.address is None or person.address.dwelling.municipality != old


@pytest.mark.parametrize(
    ("old", "new", "groups"),
    [
        ("405", "441", ["VAKINAINEN_OLINPAIKASSA_ASUMINEN"]),
        ("091", "049", ["TILAPAINEN_KUNTA", "TILAPAINEN_KOTIMAINEN_OSOITE"]),
    ],
)
def test_a_merger_recodes_book_keeping_and_other_places(
    old: str, new: str, groups: list[str]
) -> None:
    busy = {"activity": 150.0, "persons": 800}
    before, _ = _messages(clock=MERGED, **busy)
    merger = {"merger_day": MERGED, "merger_from": old, "merger_into": new}
    after, _ = _messages(clock=MERGED + DAY, **merger, **busy)
    for group in groups:
        assert _kept_in(before, group, old)
        assert not _kept_in(after, group, old)
        found = _kept_in(after, group, new)
        assert found
        assert all(row.get("asuinpaikantunnus", new).startswith(new) for row in found)
    homes = [p for p in after.world.people if p.is_alive and p.municipality == new]
    assert homes
    assert all(p.bookkeeping is None or p.bookkeeping.municipality == new for p in homes)


def _kept_in(sandbox: Sandbox, group: str, municipality: str) -> list[dict[str, Any]]:
    living = [person for person in sandbox.world.people if person.is_alive]
    rows = [row for person in living for row in person.kept if row["tietoryhma"] == group]
    return [row for row in rows if row.get("kuntakoodi") == municipality]


def test_nobody_moves_to_a_municipality_that_was_merged() -> None:
    sandbox, _ = _messages(merger_day=MERGED, activity=200.0)
    (old,) = sandbox.world.dissolved
    assert not [p for p in sandbox.world.people if p.is_alive and p.municipality == old]


@pytest.mark.parametrize("wrong", [{"merger_from": "999"}, {"merger_into": "x"}])
def test_a_merger_needs_two_municipalities_of_today(wrong: dict[str, str]) -> None:
    with pytest.raises(SandboxError, match="two municipalities of today"):
        Sandbox(replace(BASE, merger_day=MERGED, **wrong))


def test_so_many_homes_are_removed_in_one_day() -> None:
    sandbox, _ = _messages(removals=40, removals_day=MERGED, removal_code="199")
    assert sandbox.world.journal.told_of[MERGED]["bulk.removals"] == 40
    one, _ = _messages(removals=40, removal_code="198")
    day = one.options.last_day
    told = one.changes(one.cursor_of_day(day), account=UNCENSORED)["muutokset"]
    homes = Counter(row["kuntakoodi"] for row in _rows(told, "KOTIKUNTA"))
    assert homes["198"] >= 40


def test_a_flood_has_as_many_messages_as_were_asked_for() -> None:
    sandbox, _ = _messages(bulk_messages=3000)
    day = sandbox.options.last_day
    assert sandbox.world.journal.told_of[day]["bulk.flood"] == 3000


def test_the_same_person_comes_many_times_in_a_page() -> None:
    _, messages = _messages(crowded=0.5)
    runs = Counter(m["henkilotunnus"] for m in messages[:100])
    assert max(runs.values()) >= 4


def test_the_first_of_a_month_stands_for_the_month_in_every_group() -> None:
    sandbox, _ = _messages(rough_firsts=1.0)
    people = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    found: Counter[str] = Counter()
    for person in people:
        for row in person["tietoryhmat"]:
            if row["tietoryhma"].endswith("KOTIMAINEN_ASUINPAIKKATUNNUS"):
                continue
            dates = [v for v in row.values() if isinstance(v, dict) and "tarkkuus" in v]
            for one in dates:
                found[one["tarkkuus"]] += 1
                assert (one["tarkkuus"] == "PAIVA") == (not one["arvo"].endswith("-01"))
    assert {"PAIVA", "KUUKAUSI", "VUOSI"} <= found.keys()


def test_oddities_of_codes_and_names_are_true_everywhere() -> None:
    sandbox, _ = _messages(wrong_checks=0.3, trailing_blanks=0.3, codeless_guardians=1.0)
    codes = sandbox.in_scope_codes()
    wrong = [code for code in codes if check_character(code[:6] + code[7:10]) != code[10]]
    assert 0.1 < len(wrong) / len(codes) < 0.5
    people = sandbox.basic_data(codes, account=UNCENSORED)["perustiedot"]
    names = [r["etunimi"] for p in people for r in p["tietoryhmat"] if "etunimi" in r]
    assert 0.1 < sum(name.endswith(" ") for name in names) / len(names) < 0.5
    guardians = [r["huoltaja"] for p in people for r in p["tietoryhmat"] if "huoltaja" in r]
    assert any("henkilotunnus" not in one for one in guardians)
    assert any("henkilotunnus" in one for one in guardians)


def test_dates_that_are_not_known_and_years_that_keep_their_day() -> None:
    sandbox, _ = _messages(unknown_dates=0.5, rough_dates=0.5, rough_padding="kept")
    people = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    dates = [
        value
        for person in people
        for row in person["tietoryhmat"]
        for value in row.values()
        if isinstance(value, dict) and "tarkkuus" in value
    ]
    assert any(one["tarkkuus"] == "EI_TIEDOSSA" for one in dates)
    years = [one["arvo"] for one in dates if one["tarkkuus"] == "VUOSI"]
    assert any(not one.endswith("-01-01") for one in years)


def test_the_preset_turns_on_all_noise_and_leaves_what_was_given() -> None:
    options = SandboxOptions(noise="all", duplicates=0.5)
    assert options.duplicates == 0.5
    assert options.duplicate_move_date
    off = [
        n
        for n in ("crowded", "malformed", "wrong_checks", "rough_firsts", "unknown_groups")
        if not getattr(options, n)
    ]
    assert off == []
    assert (options.split_messages, options.future_moves) == (0.0, 0.0)


def test_everything_at_once_can_be_lived_and_is_repeatable() -> None:
    options = replace(
        BASE, persons=120, noise="all", merger_day=MERGED, removals=10, bulk_messages=200,
        protected_share=0.2, identity_trouble=30.0, split_messages=0.1, future_moves=0.1,
        home_restated=5.0, protection_expiry="message", temporary_stays="many",
    )  # fmt: skip
    one, other = Sandbox(options), Sandbox(options)
    assert one.changes_body(0) == other.changes_body(0)
    assert b'"perustiedot":[{' in one.basic_data_body(one.in_scope_codes())
