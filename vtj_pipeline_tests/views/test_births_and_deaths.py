"""Who was born, who died, and when that was known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

ELSEWHERE = "837"


def newborn(register: Register, born: str, code: str = "091", **home: Any) -> str:
    child = register.person(born=born)
    register.live(child, code, born, **home)
    return child


def newborns(register: Register) -> list[dict[str, Any]]:
    return register.ask("select * from wellbeing_area.newborn order by birth_date")


def deceased(register: Register) -> list[dict[str, Any]]:
    return register.ask("select * from wellbeing_area.deceased order by died_on")


def parent(register: Register, child: str, **more: Any) -> None:
    register.add("parent_child", child, **{"relation": "parent", "parent_role": "AITI", **more})


@pytest.mark.parametrize(
    ("born", "shown"),
    [
        ("2025-06-15", False),
        ("2025-06-16", True),
        ("2026-06-15", True),
        ("2026-06-16", False),
    ],
)
def test_the_newborn_are_those_of_the_twelve_months_until_the_day(
    register: Register, born: str, shown: bool
) -> None:
    child = newborn(register, born)
    assert [n["person_id"] for n in newborns(register)] == [child] * shown


def test_a_newborn_is_one_of_the_municipality_of_birth(register: Register) -> None:
    moved_in = newborn(register, "2026-01-10", ELSEWHERE, valid_to="2026-02-01")
    register.live(moved_in, "091", "2026-02-01")
    moved_out = newborn(register, "2026-01-11", valid_to="2026-02-01")
    register.live(moved_out, ELSEWHERE, "2026-02-01")
    dead = newborn(register, "2026-01-12")
    register.add("death", dead, is_dead=True, death_date="2026-01-20")
    found = newborns(register)
    assert [n["person_id"] for n in found] == [moved_out, dead]
    assert {n["municipality_code"] for n in found} == {"091"}
    assert {n["wellbeing_area_name_fi"] for n in found} == {"Helsingin kaupunki"}


def test_a_birth_tells_when_it_was_recorded(register: Register) -> None:
    first, later = "2026-01-14T22:30:00+00", "2026-05-01T09:00:00+00"
    child = newborn(register, "2026-01-10", recorded_from=first, recorded_to=later)
    register.live(child, "091", "2026-01-10", valid_to="2026-04-30", recorded_from=later)
    (row,) = newborns(register)
    assert row["recorded_at"] == datetime(2026, 1, 14, 22, 30, tzinfo=UTC)
    # Past midnight in Finland.
    assert row["recording_delay_days"] == 5
    register.as_of(recorded_at="2026-01-14T00:00:00+00")
    assert newborns(register) == []


def test_the_mother_and_the_guardians_are_told_once_each(register: Register) -> None:
    child, mother = newborn(register, "2026-01-10"), register.person(born="1990-01-01")
    register.change("name", mother, last_name_utf8="Äiti")
    register.live(mother)
    parent(register, child, related_person_id=mother, related_last_name="of the stub")
    parent(register, child, parent_role="ISA", related_last_name="Father")
    parent(register, child, parenthood_basis="AITIYS_VAHVISTETTU", related_last_name="Other mother")
    for kind in ("LAKISAATEINEN_HUOLTAJA", "MAARATTY_HUOLTAJA"):
        register.add(
            "guardianship",
            child,
            role="guardian",
            guardian_kind=kind,
            guardian_role="AITI",
            related_person_id=mother,
        )
    (row,) = newborns(register)
    assert (row["mother_person_id"], row["mother_last_name"]) == (mother, "Äiti")
    assert (row["guardian_count"], row["guardians_withheld"]) == (1, 0)
    assert (row["guardian_1_person_id"], row["guardian_1_last_name"]) == (mother, "Äiti")
    assert row["guardian_2_last_name"] is None


@pytest.mark.parametrize(
    "over",
    [
        {"has_ended": True},
        {"valid_to": "2026-03-01"},
        {"recorded_to": "2026-03-01T00:00:00+00"},
        {"withheld": True},
        {"parent_role": "ADOPTIOAITI"},
    ],
)
def test_a_mother_who_is_none_any_more_is_not_told(
    register: Register, over: dict[str, Any]
) -> None:
    child = newborn(register, "2026-01-10")
    parent(register, child, **{"related_last_name": "Mother", **over})
    (row,) = newborns(register)
    assert (row["mother_last_name"], row["mother_withheld"]) == (None, False)


def test_a_mother_whom_only_the_child_tells_of_has_that_name(register: Register) -> None:
    child = newborn(register, "2026-01-10")
    parent(register, child, related_last_name="Mother", related_first_names="A B")
    (row,) = newborns(register)
    assert (row["mother_last_name"], row["mother_first_names"]) == ("Mother", "A B")
    assert row["mother_person_id"] is None


def test_a_protected_newborn_is_listed_without_a_place_or_a_mother(register: Register) -> None:
    child = newborn(register, "2026-01-10")
    parent(register, child, related_last_name="Mother")
    register.change("person", child, is_protected=True)
    (row,) = newborns(register)
    assert (row["municipality_code"], row["wellbeing_area_code"]) == (None, None)
    assert (row["mother_last_name"], row["mother_withheld"]) == (None, True)
    assert (row["is_protected"], row["location_withheld"]) == (True, True)


def test_a_death_is_listed_with_the_last_municipality(register: Register) -> None:
    person = register.person(born="1950-06-02")
    register.live(person, ELSEWHERE, "1950-06-02", valid_to="2020-01-01")
    register.live(person, "049", "2020-01-01")
    known = {"is_dead": True, "death_date": "2026-06-01"}
    register.add("death", person, **known, recorded_from="2026-06-04T08:00:00+00")
    (row,) = deceased(register)
    assert (row["died_on"], row["age_at_death"]) == (date(2026, 6, 1), 75)
    assert (row["municipality_code"], row["wellbeing_area_code"]) == ("049", "03")
    assert row["recording_delay_days"] == 3
    register.as_of(valid_at="2026-05-31")
    assert deceased(register) == []
    register.as_of(valid_at="2026-06-15", recorded_at="2026-06-03T00:00:00+00")
    assert deceased(register) == []


def test_whoever_died_elsewhere_or_was_not_dead_after_all_is_not_listed(
    register: Register,
) -> None:
    gone = register.person()
    register.live(gone, valid_to="2026-01-01")
    register.live(gone, ELSEWHERE, "2026-01-01")
    register.add("death", gone, is_dead=True, death_date="2026-02-01")
    alive = register.person()
    register.live(alive)
    over = "2026-03-01T00:00:00+00"
    register.add("death", alive, is_dead=True, death_date="2026-02-01", recorded_to=over)
    register.add("death", alive, is_dead=False, recorded_from=over)
    assert deceased(register) == []


def test_a_protected_person_died_nowhere(register: Register) -> None:
    person = register.person(protected=True)
    register.live(person)
    register.add("death", person, is_dead=True, death_date="2026-02-01")
    (row,) = deceased(register)
    assert (row["municipality_code"], row["location_withheld"]) == (None, True)
    assert row["died_on"] == date(2026, 2, 1)


def test_births_and_deaths_are_as_many_as_in_the_statistics(register: Register) -> None:
    for born in ("2026-01-10", "2026-01-20", "2026-03-01"):
        newborn(register, born)
    for died in ("2026-01-05", "2026-03-31"):
        person = register.person(protected=died.startswith("2026-03"))
        register.live(person)
        register.add("death", person, is_dead=True, death_date=died)
    (counted,) = register.ask(
        "select sum(births)::int as births, sum(deaths)::int as deaths "
        "from statistics.population_change "
        "where basis = 'corrected' and month_start >= '2026-01-01'"
    )
    assert counted == {"births": len(newborns(register)), "deaths": len(deceased(register))}
    assert counted == {"births": 3, "deaths": 2}
