"""Whoever lives with a person whom a guard protects is shown without a place, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline_tests.views.conftest import LONG_AGO

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

HOME, OTHER, THIRD = "1", "2", "3"
SINCE = "2026-02-01T00:00:00+00"
BEFORE = "2026-01-31T00:00:00+00"


def settled(register: Register, house: str = HOME, since: str = "2015-01-01", **more: Any) -> str:
    """Somebody who has lived in a house since a day."""
    person = register.person(**more)
    register.live(person, "091", since)
    register.dwell(person, since, house_number=house)
    return person


def moved(register: Register, *stays: tuple[str, str, str | None], code: str = "091") -> str:
    """Somebody with several stays: house, first day, first day elsewhere."""
    person = register.person()
    register.live(person, code)
    for house, since, until in stays:
        register.dwell(person, since, house_number=house, valid_to=until, municipality_code=code)
    return person


def order(register: Register, person: str) -> None:
    register.add("protection_order", person, is_active=True, recorded_from=SINCE)


def house(register: Register, person: str) -> str | None:
    """The house that the views tell of; a place is told whole or not at all."""
    row = register.resident(person)
    assert row is not None
    names = ("municipality_code", "street_fi", "household_key")
    assert {row[name] is None for name in names} == {row["location_withheld"]}
    assert row["is_protected"] is False
    if row["location_withheld"]:
        assert row["resident_since"] is None
    return str(row["house_number"]) if row["house_number"] is not None else None


def placed(register: Register) -> set[str]:
    rows = register.ask("select person_id::text from protected.resident_location")
    return {row["person_id"] for row in rows}


def withhold(register: Register, person: str) -> None:
    """The source tells no place any more, as of an order: what it told stands until then."""
    register.change("home_municipality", person, recorded_to=SINCE)
    register.change("address", person, recorded_to=SINCE)
    register.add("home_municipality", person, withheld=True, recorded_from=SINCE)
    more = {"address_type": "permanent_domestic"}
    register.add("address", person, withheld=True, recorded_from=SINCE, **more)


@pytest.mark.parametrize("recorded_at", ["", BEFORE])
def test_who_lives_with_a_protected_person_is_shown_without_a_place(
    register: Register, recorded_at: str
) -> None:
    hidden, other, neighbour = settled(register), settled(register), settled(register, OTHER)
    order(register, hidden)
    register.as_of(recorded_at=recorded_at)
    for day in ("2015-01-01", "2026-06-15", "2031-01-01"):
        register.as_of(valid_at=day)
        assert (house(register, other), house(register, neighbour)) == (None, OTHER)
        assert placed(register) == {hidden, other}
    keys = register.ask("select house_number from municipality.household")
    assert keys == [{"house_number": OTHER}]


def test_all_days_at_a_dwelling_where_somebody_still_lives_are_withheld(register: Register) -> None:
    """Having moved there before, and nowhere else since, would tell it too."""
    hidden = settled(register, since="2024-01-01")
    other = settled(register)
    # In another stretch of days, as their name was another one.
    named = settled(register, since="2010-01-01")
    register.change("address", named, valid_to="2020-01-01")
    register.dwell(named, "2020-01-01", house_number=HOME, building_id=None, post_office_fi="X")
    gone = moved(register, (HOME, "2015-01-01", "2023-01-01"), (OTHER, "2023-01-01", None))
    order(register, hidden)
    for day in ("2016-01-01", "2026-06-15"):
        register.as_of(valid_at=day)
        assert [house(register, one) for one in (other, named)] == [None, None]
    assert house(register, gone) == OTHER
    register.as_of(valid_at="2016-01-01")
    assert house(register, gone) == HOME, "they never lived together"


def test_an_earlier_dwelling_is_withheld_for_the_days_that_were_shared(register: Register) -> None:
    hidden = moved(register, (HOME, "2018-01-01", "2020-01-01"), (OTHER, "2020-01-01", None))
    other = settled(register)
    order(register, hidden)
    told = {}
    for day in ("2017-12-31", "2018-01-01", "2019-12-31", "2020-01-01"):
        register.as_of(valid_at=day)
        told[day] = house(register, other)
    assert list(told.values()) == [HOME, None, None, HOME]


def test_looking_back_does_not_show_who_lives_with_them_by_now(register: Register) -> None:
    hidden = settled(register, OTHER)
    other = settled(register)
    register.change("address", hidden, recorded_to=SINCE)
    register.dwell(hidden, house_number=OTHER, valid_to="2026-01-20", recorded_from=SINCE)
    register.dwell(hidden, "2026-01-20", house_number=HOME, recorded_from=SINCE)
    order(register, hidden)
    for recorded_at in ("", BEFORE):
        register.as_of(recorded_at=recorded_at)
        assert house(register, other) is None


def test_the_dwelling_that_was_told_last_counts_where_none_is_told_since(
    register: Register,
) -> None:
    hidden, other = settled(register), settled(register)
    withhold(register, hidden)
    neighbour = settled(register, OTHER)
    assert (house(register, other), house(register, neighbour)) == (None, OTHER)


@pytest.mark.parametrize("tie", ["guardian", "dependant", "spouse"])
@pytest.mark.parametrize("told_by", ["hidden", "other"])
def test_where_nobody_knows_the_dwelling_the_closest_family_has_no_place(
    register: Register, tie: str, told_by: str
) -> None:
    hidden = register.person()
    register.add("home_municipality", hidden, withheld=True)
    other, neighbour = settled(register), settled(register)
    table, values = {
        "guardian": ("guardianship", {"role": "guardian"}),
        "dependant": ("guardianship", {"role": "dependant"}),
        "spouse": ("marriage", {"is_active": True}),
    }[tie]
    one, two = (hidden, other) if told_by == "hidden" else (other, hidden)
    register.add(table, one, related_person_id=two, valid_from="2020-01-01", **values)
    assert (house(register, other), house(register, neighbour)) == (None, HOME)
    # Nor had they, before the tie, at the dwelling where they are now.
    register.as_of(valid_at="2016-01-01")
    assert house(register, other) is None
    register.change(table, one, valid_to="2026-01-01")
    assert house(register, other) == HOME, "what is over tells nothing of where somebody is"


def test_the_family_of_who_is_known_to_live_elsewhere_keeps_its_place(register: Register) -> None:
    hidden, child = (
        settled(register, OTHER),
        settled(register, born="2019-05-05", since="2019-05-05"),
    )
    abroad = register.person(protected=True)
    register.live(abroad, "200")
    for guardian in (hidden, abroad):
        register.add("guardianship", child, role="guardian", related_person_id=guardian)
    order(register, hidden)
    assert house(register, child) == HOME


def test_who_leaves_does_not_tell_from_where(register: Register) -> None:
    hidden = settled(register)
    other = moved(register, (HOME, "2015-01-01", "2026-01-10"), (OTHER, "2026-01-10", None))
    away = register.person()
    register.live(away, "091", valid_to="2026-01-10")
    register.dwell(away, house_number=HOME, valid_to="2026-01-10")
    register.live(away, "049", "2026-01-10")
    register.dwell(away, "2026-01-10", house_number=OTHER, municipality_code="049")
    assert len(register.moves(other)) == len(register.moves(away)) == 1
    order(register, hidden)
    assert house(register, other) == house(register, away) == OTHER
    assert register.moves(other) == register.moves(away) == []
    since = {one: (register.resident(one) or {})["resident_since"] for one in (other, away)}
    assert since[other] is None, "the day would tell the municipality of the shared days"
    assert str(since[away]) == "2026-01-10"


def test_who_moves_in_is_not_seen_to_move(register: Register) -> None:
    hidden = settled(register)
    other = moved(register, (OTHER, "2015-01-01", "2026-01-10"), (HOME, "2026-01-10", None))
    assert len(register.moves(other)) == 1
    order(register, hidden)
    assert (house(register, other), register.moves(other)) == (None, [])


def test_a_child_born_there_and_somebody_who_died_there_tell_no_place(register: Register) -> None:
    hidden = settled(register)
    child = settled(register, born="2026-01-20", since="2026-01-20")
    dead = settled(register, born="1940-01-20")
    register.add("death", dead, is_dead=True, death_date="2026-02-20")
    order(register, hidden)
    for view in ("newborn", "deceased"):
        [row] = register.ask(
            "select municipality_code, location_withheld, person_id::text as person_id "
            f"from municipality.{view}"
        )
        assert (row["municipality_code"], row["location_withheld"]) == (None, True)
        assert row["person_id"] == (child if view == "newborn" else dead)


def test_an_institution_is_no_household(register: Register) -> None:
    hidden, other = settled(register), settled(register)
    for one in (hidden, other):
        register.add("residence", one, residence_type="permanent_institution")
    order(register, hidden)
    assert house(register, other) == HOME


def test_an_order_that_is_over_withholds_nobody_elses_place_now(register: Register) -> None:
    hidden, other = settled(register), settled(register)
    over = {"is_active": True, "recorded_from": LONG_AGO, "recorded_to": SINCE}
    register.add("protection_order", hidden, **over)
    assert house(register, other) == HOME
    register.as_of(recorded_at=BEFORE)
    assert house(register, other) is None


def test_only_who_lives_there_changes_where_a_protected_person_moves_in(
    register: Register,
) -> None:
    """Figures do not: they would tell in which municipality, and when."""
    hidden = settled(register, THIRD)
    other, neighbour = settled(register), settled(register, OTHER)
    order(register, hidden)
    figures = ("population", "population_change", "migration_flow")

    def told() -> dict[str, list[Any]]:
        rows = {
            one: register.ask(f"select v::text as row from statistics.{one} as v order by 1")
            for one in figures
        }
        views = ("resident", "mover", "voter_age", "client_list", "household")
        for view in views:
            rows[view] = register.ask(
                f"select v::text as row from municipality.{view} as v "
                "where v::text not like %s and v::text not like %s order by 1",
                f"%{other}%",
                f"%091%Street%,{HOME},%",
            )
        return rows

    elsewhere = told()
    assert house(register, other) == HOME
    register.change("address", hidden, house_number=HOME)
    assert told() == elsewhere
    assert (house(register, other), house(register, neighbour)) == (None, OTHER)
