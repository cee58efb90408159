"""Who is a resident, and of what, on both time axes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

ELSEWHERE = "837"
DIED = {"is_dead": True, "death_date": "2026-06-14"}
DECLARED = {"is_declared_dead": True, "declared_death_date": "2026-06-14"}


def test_a_person_living_in_the_scope_is_shown_with_name_place_and_area(
    register: Register,
) -> None:
    person = register.person()
    register.live(person)
    register.dwell(person)
    row = register.resident(person)
    assert row is not None
    assert (row["municipality_code"], row["municipality_name_fi"]) == (
        "091",
        "Helsinki",
    )
    assert (row["municipality_name_sv"], row["wellbeing_area_code"]) == (
        "Helsingfors",
        "90",
    )
    assert (row["resident_since"], row["street_fi"]) == (date(2015, 1, 1), "Street")
    assert (row["last_name"], row["age"], row["mother_tongue"]) == ("Last", 46, "fi")
    assert (row["is_protected"], row["location_withheld"]) == (False, False)


def test_somebody_who_lives_outside_the_scope_is_no_resident(
    register: Register,
) -> None:
    person = register.person()
    register.live(person, ELSEWHERE)
    assert register.resident(person) is None


@pytest.mark.parametrize("code", ["198", "199", "200"])
def test_a_special_code_is_no_residence_even_if_the_scope_names_it(
    register: Register, code: str
) -> None:
    register.insert("scope_municipality", {"subscription": "s", "municipality_code": code})
    person = register.person()
    register.live(person, "091", "2015-01-01")
    register.live(person, code, "2026-01-01")
    assert register.resident(person) is None


def test_a_move_dated_ahead_counts_from_its_day_on(register: Register) -> None:
    person = register.person()
    register.live(person, "091", "2015-01-01", valid_to="2026-07-01")
    register.live(person, "049", "2026-07-01")
    before = register.resident(person)
    register.as_of(valid_at="2026-07-01")
    after = register.resident(person)
    assert before is not None and before["municipality_code"] == "091"
    assert after is not None and after["municipality_code"] == "049"


def test_of_two_open_stays_the_one_that_began_last_counts(register: Register) -> None:
    person = register.person()
    register.live(person, "049", "2025-01-01")
    register.live(person, "091", "2015-01-01")
    row = register.resident(person)
    assert row is not None and row["municipality_code"] == "049"


def test_an_older_open_stay_counts_again_when_a_later_one_has_ended(
    register: Register,
) -> None:
    person = register.person()
    register.live(person, "091", "2015-01-01")
    register.live(person, "049", "2025-01-01", valid_to="2025-06-01")
    row = register.resident(person)
    assert row is not None and row["municipality_code"] == "091"


def test_a_stay_ends_before_its_exclusive_end(register: Register) -> None:
    person = register.person()
    register.live(person, valid_to="2026-06-15")
    assert register.resident(person) is None
    register.as_of(valid_at="2026-06-14")
    assert register.resident(person) is not None


def test_what_was_recorded_later_is_not_seen_from_earlier_knowledge(
    register: Register,
) -> None:
    person = register.person()
    noted = "2026-03-10T08:00:00+02"
    register.live(person, "091", "2015-01-01", recorded_to=noted)
    register.live(person, "091", "2015-01-01", valid_to="2026-01-01", recorded_from=noted)
    register.live(person, "049", "2026-01-01", recorded_from=noted)
    for known, valid, code in [
        ("infinity", "2026-06-15", "049"),
        ("infinity", "2025-12-31", "091"),
        ("2026-03-10T07:59:59+02", "2026-06-15", "091"),
        ("2026-03-10T08:00:00+02", "2026-06-15", "049"),
    ]:
        register.as_of(valid_at=valid, recorded_at=known)
        row = register.resident(person)
        assert row is not None and row["municipality_code"] == code, (known, valid)


def test_nobody_is_a_resident_before_the_first_record(register: Register) -> None:
    person = register.person()
    register.live(person)
    register.as_of(recorded_at="2019-12-31T00:00:00+00")
    assert register.resident(person) is None


@pytest.mark.parametrize(
    ("death", "shown"),
    [
        ({"is_dead": True, "death_date": "2026-06-14"}, False),
        ({"is_dead": True, "death_date": "2026-06-16"}, True),
        ({"is_dead": True, "death_date": None}, False),
        ({"is_dead": False, "death_date": None}, True),
        (
            {"is_dead": True, "death_date": "2026-06-14", "recorded_to": "2026-06-15"},
            True,
        ),
        ({"is_declared_dead": True, "declared_death_date": "2026-06-15"}, False),
        ({"is_declared_dead": True, "declared_death_date": "2026-06-16"}, True),
        ({"is_declared_dead": True, "declared_death_date": None}, False),
        ({"is_declared_dead": False, "declared_death_date": "2026-06-14"}, True),
        ({"is_dead": None, "death_date": "2026-06-14"}, True),
        # A death that was taken back leaves the declaration, and the other way round.
        ({**DECLARED, "is_dead": False}, False),
        ({**DECLARED, "is_dead": None}, False),
        ({**DIED, "is_declared_dead": False}, False),
        ({**DIED, "is_declared_dead": True, "declared_death_date": "2026-06-16"}, False),
    ],
)
def test_the_dead_are_no_residents(
    register: Register, death: dict[str, object], shown: bool
) -> None:
    person = register.person()
    register.live(person)
    register.add("death", person, **death)
    assert (register.resident(person) is not None) is shown


def test_a_person_is_no_resident_before_birth(register: Register) -> None:
    person = register.person(born="2026-06-16")
    register.add("home_municipality", person, withheld=True)
    assert register.resident(person) is None
    register.as_of(valid_at="2026-06-16")
    row = register.resident(person)
    assert row is not None and row["age"] == 0


def test_the_code_in_force_then_is_shown(register: Register) -> None:
    person = register.person()
    register.live(person)
    changed = "2026-02-01T00:00:00+02"
    register.add(
        "identity_code",
        person,
        identity_code="old",
        is_active=True,
        recorded_to=changed,
    )
    register.add(
        "identity_code",
        person,
        identity_code="old",
        is_active=False,
        recorded_from=changed,
    )
    register.add(
        "identity_code",
        person,
        identity_code="new",
        is_active=True,
        recorded_from=changed,
    )
    now = register.resident(person)
    register.as_of(recorded_at="2026-01-31T00:00:00+02")
    then = register.resident(person)
    assert now is not None and now["identity_code"] == "new"
    assert then is not None and then["identity_code"] == "old"
