"""Who lives together, who starts school, and with which guardians."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register


def member(register: Register, born: str, **more: Any) -> str:
    person = register.person(born=born, protected=more.pop("protected", False))
    register.live(person)
    register.dwell(person, **more)
    return person


def households(register: Register) -> list[dict[str, Any]]:
    return register.ask("select * from wellbeing_area.household order by persons")


def starter(register: Register, child: str) -> dict[str, Any] | None:
    rows = register.ask("select * from wellbeing_area.school_starter where person_id = %s", child)
    assert len(rows) <= 1
    return rows[0] if rows else None


def guard(register: Register, child: str, guardian: str | None = None, **more: Any) -> None:
    values = {"role": "guardian", "guardian_role": "AITI", "related_person_id": guardian}
    register.add("guardianship", child, **{**values, **more})


def test_a_household_is_a_dwelling_with_its_people_counted(register: Register) -> None:
    for born in ("1980-06-15", "2008-06-15", "2008-06-16", "2019-06-15", "2019-06-16"):
        member(register, born, postal_code="00100")
    member(register, "1970-01-01", house_number="2")
    alone, family = households(register)
    assert (alone["persons"], alone["adults"], alone["house_number"]) == (1, 1, "2")
    assert {name: family[name] for name in family if name.startswith(("child", "adult"))} == {
        "adults": 2,
        "children_7_17": 2,
        "children_0_6": 1,
    }
    assert (family["persons"], family["oldest_age"], family["youngest_age"]) == (5, 46, 6)
    assert (family["municipality_code"], family["wellbeing_area_code"]) == ("091", "90")
    assert (family["street_fi"], family["postal_code"]) == ("Street", "00100")
    assert family["language_groups"] == "fi"
    (key,) = register.ask(
        "select distinct household_key from municipality.resident where house_number = '1'"
    )
    assert key["household_key"] == family["household_key"]


def test_a_household_is_that_of_the_day_and_of_what_was_known(register: Register) -> None:
    member(register, "1980-01-01")
    late = register.person(born="1985-01-01")
    register.live(late)
    register.dwell(late, "2026-01-01", recorded_from="2026-02-01T00:00:00+00")
    assert [h["persons"] for h in households(register)] == [2]
    register.as_of(valid_at="2025-12-31")
    assert [h["persons"] for h in households(register)] == [1]
    register.as_of(valid_at="2026-06-15", recorded_at="2026-01-31T00:00:00+00")
    assert [h["persons"] for h in households(register)] == [1]


def test_nobody_in_an_institution_is_of_a_household(register: Register) -> None:
    person = member(register, "1940-01-01")
    register.add("residence", person, residence_type="permanent_institution")
    assert households(register) == []


def test_a_household_of_a_protected_person_is_not_told_of(register: Register) -> None:
    member(register, "1980-01-01")
    member(register, "1985-01-01", protected=True)
    member(register, "1990-01-01", house_number="2")
    assert [(h["house_number"], h["persons"]) for h in households(register)] == [("2", 1)]


@pytest.mark.parametrize(
    ("born", "year"),
    [("2018-12-31", None), ("2019-01-01", 2026), ("2019-12-31", 2026), ("2026-06-15", 2033)],
)
def test_school_starts_in_the_year_of_turning_seven(
    register: Register, born: str, year: int | None
) -> None:
    row = starter(register, member(register, born))
    assert (row["school_start_year"] if row else None) == year


def test_a_school_starter_has_two_guardians_and_a_count(register: Register) -> None:
    child = member(register, "2019-05-05")
    at_home = member(register, "1990-01-01")
    away = member(register, "1991-01-01", house_number="9")
    guard(register, child, away, guardian_role="ISA")
    guard(register, child, at_home)
    guard(register, child, guardian_role="MUU_HUOLTAJA", related_last_name="Third")
    guard(register, child, guardian_role="AITI", related_last_name="Over", valid_to="2026-06-15")
    row = starter(register, child)
    assert row is not None
    assert (row["guardian_count"], row["guardians_withheld"]) == (3, 0)
    assert [
        (
            row[f"guardian_{n}_person_id"],
            row[f"guardian_{n}_role"],
            row[f"guardian_{n}_at_same_dwelling"],
        )
        for n in (1, 2)
    ] == [(at_home, "AITI", True), (away, "ISA", False)]
    register.as_of(valid_at="2026-06-14")
    row = starter(register, child)
    assert row is not None and row["guardian_count"] == 4


def test_what_a_guardian_says_of_the_child_is_not_asked(register: Register) -> None:
    """It stands as it was when a guardian, who may be one no more, has left the scope."""
    child, guardian = member(register, "2019-05-05"), member(register, "1990-01-01")
    register.add("guardianship", guardian, role="dependant", related_person_id=child)
    guard(register, child, role="dependant")
    row = starter(register, child)
    assert row is not None and row["guardian_count"] == 0


def test_a_guardian_whom_the_register_does_not_know_has_the_name_that_is_told(
    register: Register,
) -> None:
    child = member(register, "2019-05-05")
    guard(register, child, related_last_name="Far", related_first_names="Off")
    row = starter(register, child)
    assert row is not None
    assert (row["guardian_1_last_name"], row["guardian_1_first_names"]) == ("Far", "Off")
    assert (row["guardian_1_person_id"], row["guardian_1_at_same_dwelling"]) == (None, None)


def test_a_protected_guardian_is_only_counted(register: Register) -> None:
    child, other = member(register, "2019-05-05"), member(register, "1991-01-01")
    hidden = member(register, "1990-01-01", protected=True, house_number="2")
    guard(register, child, hidden, related_last_name="Hidden")
    guard(register, child, other, guardian_role="ISA")
    row = starter(register, child)
    assert row is not None and row["postal_code"] is None and row["household_key"] is not None
    assert (row["guardian_count"], row["guardians_withheld"]) == (2, 1)
    assert row["guardian_1_person_id"] == other
    assert [row[f"guardian_2_{c}"] for c in ("person_id", "last_name", "first_names", "role")] == [
        None
    ] * 4


@pytest.mark.parametrize("lives", ["with the child", "nobody knows where"])
def test_a_child_of_a_protected_guardian_has_no_place_where_theirs_may_be_the_same(
    register: Register, lives: str
) -> None:
    child, other = member(register, "2019-05-05"), member(register, "1991-01-01", house_number="2")
    hidden = register.person(protected=True)
    if lives == "with the child":
        register.live(hidden)
        register.dwell(hidden)
    guard(register, child, hidden)
    guard(register, child, other, guardian_role="ISA")
    row = starter(register, child)
    assert row is not None
    assert (row["municipality_code"], row["household_key"]) == (None, None)
    assert (row["guardian_count"], row["guardians_withheld"]) == (2, 2)
    resident = register.resident(other)
    assert resident is not None and resident["house_number"] == "2"


def test_of_a_protected_child_no_guardian_is_named(register: Register) -> None:
    child, guardian = member(register, "2019-05-05", protected=True), member(register, "1990-01-01")
    guard(register, child, guardian)
    row = starter(register, child)
    assert row is not None
    assert (row["guardian_count"], row["guardians_withheld"]) == (1, 1)
    assert (row["guardian_1_person_id"], row["guardian_1_at_same_dwelling"]) == (None, None)
    assert (row["municipality_code"], row["household_key"], row["school_start_year"]) == (
        None,
        None,
        2026,
    )
