"""Rows about stays, institutions, addresses abroad and past dwellings, in changes and after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.sandbox import UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.basic_data import basic_rows
from vtj_pipeline.sandbox.events import foreign, institution, moves, temporary, year_end
from vtj_pipeline.sandbox.world import World, first_world
from vtj_pipeline_tests.sandbox.conftest import Message, happened, outline
from vtj_pipeline_tests.sandbox.replay import Replay, shown

if TYPE_CHECKING:
    from collections.abc import Callable

NEW, CHANGED, GONE = "LISATTY", "MUUTETTU", "POISTETTU"
WRONG, RIGHT, CONTEXT = "KORJATTAVA", "KORJATTU", "LISATIETO"


@pytest.fixture
def open_world() -> World:
    """A small world without protection orders."""
    return first_world(SandboxOptions(persons=120, seed=5, protected_share=0.0, outsiders=0.0))


def _told(event: Callable[[World], None], world: World, times: int) -> list[Message]:
    found = []
    for _ in range(times):
        world.day += timedelta(days=3)
        found += happened(event, world)
    return found


def _rows(messages: list[Message], group: str) -> list[dict[str, Any]]:
    return [row for m in messages for row in m["tietoryhmat"] if row["tietoryhma"] == group]


@pytest.mark.parametrize("group", temporary.TEMPORARY)
def test_temporary_stays_tell_every_attribute(group: str, open_world: World) -> None:
    rows = _rows(_told(temporary.temporary_stay, open_world, 600), group)
    attributes = {row["muutosattribuutti"] for row in rows}
    assert attributes == {NEW, CHANGED, GONE, WRONG, RIGHT, CONTEXT}
    ends = {str(row.get("loppupv", row.get("kunnastaPoisMuuttopv"))) for row in rows}
    assert any("2999-02-28" in end for end in ends)


def test_of_two_stays_the_new_one_is_told_before_the_closing_one(open_world: World) -> None:
    for message in _told(temporary.temporary_stay, open_world, 300):
        told = [attribute for _, attribute in outline(message)]
        if NEW in told and CHANGED in told:
            assert told == sorted(told, key=[NEW, CHANGED].index)
            return
    pytest.fail("no stay followed another")


def test_layouts_of_dwelling_ids(open_world: World) -> None:
    messages = _told(temporary.temporary_stay, open_world, 200)
    for row in _rows(messages, k.TEMPORARY_DWELLING):
        assert len(row["asuinpaikantunnus"]) == 16
    for row in _rows(messages, k.TEMPORARY_INSTITUTION):
        parts = (row["kuntakoodi"], str(row["lajikoodi"]), row["numero"], row["laitos"])
        assert row["asuinpaikantunnus"] == "".join(parts)
        assert len(row["asuinpaikantunnus"]) == 14
    for row in _rows(messages, k.TEMPORARY_ABROAD):
        assert row["asuinpaikantunnus"] == f"200{row['valtiokoodi']}00000000"


def test_moving_to_an_institution_ends_the_address_without_a_successor(open_world: World) -> None:
    message = happened(institution.institution, open_world)[0]
    assert outline(message) == [(r.ADDRESS, CHANGED), (k.INSTITUTION, NEW), (r.DWELLING, CHANGED)]
    person = open_world.by_code[message["henkilotunnus"]]
    groups = [row["tietoryhma"] for row in basic_rows(person, censored=False)]
    assert r.ADDRESS not in groups
    assert r.DWELLING not in groups
    assert {k.INSTITUTION, k.PAST_DWELLING} <= set(groups)


def test_leaving_an_institution_tells_it_as_a_past_one(open_world: World) -> None:
    messages = _told(institution.institution, open_world, 120)
    left = next(m for m in messages if (k.PAST_INSTITUTION, NEW) in outline(m))
    assert outline(left) == [
        (r.ADDRESS, NEW),
        (r.DWELLING, NEW),
        (k.INSTITUTION, CHANGED),
        (k.PAST_INSTITUTION, NEW),
    ]
    attributes = {row["muutosattribuutti"] for row in _rows(messages, k.INSTITUTION)}
    assert attributes == {NEW, CHANGED, GONE, WRONG, RIGHT, CONTEXT}


@pytest.mark.parametrize("group", [r.FOREIGN, r.LIVING_ABROAD])
def test_addresses_abroad_tell_every_attribute(group: str, open_world: World) -> None:
    rows = _rows(_told(foreign.foreign_address, open_world, 300), group)
    expected = {NEW, CHANGED, GONE, CONTEXT} | ({WRONG, RIGHT} if group == r.FOREIGN else set())
    assert {row["muutosattribuutti"] for row in rows} == expected


def test_an_untold_end_of_a_dwelling_is_shown_as_a_past_one(open_world: World) -> None:
    message = happened(moves.within, open_world)[0]
    new = _rows([message], r.DWELLING)[0]
    person = open_world.by_code[message["henkilotunnus"]]
    past = [
        row for row in basic_rows(person, censored=True) if row["tietoryhma"] == k.PAST_DWELLING
    ]
    day_before = date.fromisoformat(new["alkupv"]["arvo"]) - timedelta(days=1)
    assert day_before.isoformat() in {row["loppupv"]["arvo"] for row in past}


def test_a_protected_persons_past_dwelling_is_told_to_censored_accounts() -> None:
    world = first_world(SandboxOptions(persons=100, protected_share=1.0))
    message = happened(moves.within, world, censored=True)[0]
    (past,) = _rows([message], k.PAST_DWELLING)
    assert past["muutosattribuutti"] == NEW
    assert "loppupv" in past


def test_historic_rows_may_know_no_building(busy: Sandbox) -> None:
    rows = [row for p in busy.world.people for row in k.kept(p, k.PAST_DWELLING)]
    assert any("rakennustunnus" in row for row in rows)
    assert any("rakennustunnus" not in row for row in rows)
    assert all({"kuntakoodi", "alkupv", "loppupv"} <= set(row) for row in rows)


def test_the_turn_of_the_year_is_told_to_everybody(open_world: World) -> None:
    open_world.day = date(2027, 1, 1)
    messages = happened(year_end.new_year, open_world)
    assert len(messages) == len([p for p in open_world.people if p.home is not None])
    for message in messages:
        assert outline(message)[0] == (k.YEAR_END, NEW)
        assert message["tietoryhmat"][0]["vuodenvaihde"] == 2026
    assert any(outline(m) == [(k.YEAR_END, NEW), (k.YEAR_END, GONE)] for m in messages)


def test_the_truth_over_a_new_year() -> None:
    options = SandboxOptions(
        persons=150, seed=4, activity=150.0, protected_share=0.05, start=date(2026, 12, 20), days=0
    )
    sandbox, replay = Sandbox(options), Replay()
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED))
    sandbox.advance_to(date(2027, 1, 20))
    cursor, caught_up = 0, False
    while not caught_up:
        page = sandbox.changes(cursor, account=UNCENSORED)
        replay.page(page)
        cursor, caught_up = page["viimeisinKirjausavain"], page["ajanTasalla"]
    for person in sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]:
        assert replay.rows(person["henkilotunnus"]) == shown(person)
