"""Nobody learns from a view where a protected person lives (design §12.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

LOCATION = [
    "municipality_code",
    "municipality_name_fi",
    "municipality_name_sv",
    "resident_since",
    "street_fi",
    "street_sv",
    "house_number",
    "stairwell",
    "apartment_number",
    "apartment_division",
    "postal_code",
    "post_office_fi",
    "post_office_sv",
    "building_id",
    "wellbeing_area_code",
    "wellbeing_area_name_fi",
    "wellbeing_area_name_sv",
]
# By the catalogue, not by the guard's own list: a new table of locations fails here first.
LOCATION_TABLES = sorted({g.table for g in CATALOGUE.groups.values() if g.is_location})
ORDER_ON = {"is_active": True}
ENDED = {"is_active": True, "recorded_to": "2026-02-01T00:00:00+00"}
FULL_ADDRESS = {
    "street_sv": "a",
    "stairwell": "b",
    "apartment_number": "001",
    "apartment_division": "c",
    "postal_code": "00100",
    "post_office_fi": "d",
    "post_office_sv": "e",
    "building_id": "f",
}


def settle(register: Register, person: str) -> None:
    register.live(person, "049", "2010-01-01", valid_to="2015-01-01")
    register.live(person)
    register.dwell(person, **FULL_ADDRESS)


def assert_masked(register: Register, person: str, *, protected: bool) -> None:
    row = register.resident(person)
    assert row is not None
    assert {name: row[name] for name in LOCATION if row[name] is not None} == {}
    assert (row["location_withheld"], row["is_protected"]) == (True, protected)
    assert register.moves(person) == []
    assert {r["municipality_code"] for r in register.population()} <= {None}


def test_every_location_column_is_filled_for_an_unprotected_person(
    register: Register,
) -> None:
    person = register.person()
    settle(register, person)
    row = register.resident(person)
    assert row is not None
    assert [name for name in LOCATION if row[name] is None] == []
    assert len(register.moves(person)) == 1


@pytest.mark.parametrize("recorded_at", ["infinity", "2026-01-15T00:00:00+00"])
@pytest.mark.parametrize(
    ("flag", "order"),
    [
        (True, None),
        (True, {"is_active": True, "recorded_from": "2026-03-01T00:00:00+00"}),
        (True, {"is_active": False}),
        (False, ORDER_ON),
        (False, {"is_active": True, "recorded_from": "2026-03-01T00:00:00+00"}),
        (False, {"is_active": None}),
        (False, {"is_active": True, "ends_on": "2021-01-01"}),
    ],
)
def test_whoever_is_protected_now_is_masked_at_every_time(
    register: Register, flag: bool, order: dict[str, Any] | None, recorded_at: str
) -> None:
    person = register.person(protected=flag)
    settle(register, person)
    if order is not None:
        register.add("protection_order", person, **order)
    register.as_of(recorded_at=recorded_at)
    assert_masked(register, person, protected=True)


def test_an_order_that_is_over_masks_the_knowledge_of_its_time_only(
    register: Register,
) -> None:
    person = register.person()
    settle(register, person)
    register.add("protection_order", person, **ENDED)
    register.add(
        "protection_order",
        person,
        is_active=False,
        recorded_from="2026-02-01T00:00:00+00",
    )
    row = register.resident(person)
    assert row is not None and row["municipality_code"] == "091"
    register.as_of(recorded_at="2026-01-31T00:00:00+00")
    assert_masked(register, person, protected=True)


def test_a_person_of_whom_the_flags_are_missing_is_masked(register: Register) -> None:
    person = register.person()
    settle(register, person)
    register.connection.cursor().execute(
        "delete from register.person where person_id = %s", (person,)
    )
    assert_masked(register, person, protected=True)


@pytest.mark.parametrize("table", LOCATION_TABLES)
def test_a_location_that_the_source_withholds_hides_everything(
    register: Register, table: str
) -> None:
    person = register.person()
    settle(register, person)
    more = {"address_type": "postal_domestic"} if table == "address" else {}
    register.add(table, person, withheld=True, **more)
    assert_masked(register, person, protected=False)


@pytest.mark.parametrize("table", LOCATION_TABLES)
def test_a_location_that_is_withheld_by_now_hides_what_was_known_before(
    register: Register, table: str
) -> None:
    person = register.person()
    settle(register, person)
    more = {"address_type": "postal_domestic"} if table == "address" else {}
    since = "2026-02-01T00:00:00+00"
    register.add(table, person, withheld=True, recorded_from=since, **more)
    register.as_of(recorded_at="2026-01-31T00:00:00+00")
    assert_masked(register, person, protected=False)


@pytest.mark.parametrize("table", LOCATION_TABLES)
def test_a_location_that_was_withheld_hides_the_knowledge_of_its_time_only(
    register: Register, table: str
) -> None:
    person = register.person()
    settle(register, person)
    more = {"address_type": "postal_domestic"} if table == "address" else {}
    over = "2026-02-01T00:00:00+00"
    register.add(table, person, withheld=True, recorded_to=over, **more)
    row = register.resident(person)
    assert row is not None and row["street_fi"] == "Street"
    register.as_of(recorded_at="2026-01-31T00:00:00+00")
    assert_masked(register, person, protected=False)


def test_a_withheld_relation_hides_no_place(register: Register) -> None:
    person = register.person()
    settle(register, person)
    for table in sorted({t.name for t in CATALOGUE.tables.values() if t.maskable}):
        if table not in LOCATION_TABLES:
            register.add(table, person, withheld=True)
    row = register.resident(person)
    assert row is not None and (row["street_fi"], row["location_withheld"]) == ("Street", False)


def test_a_withheld_dwelling_hides_a_place_that_is_not(register: Register) -> None:
    person = register.person()
    register.live(person)
    register.dwell(person, **FULL_ADDRESS)
    register.add("residence", person, residence_type="permanent_dwelling", withheld=True)
    assert_masked(register, person, protected=False)


def test_a_withheld_dwelling_alone_makes_nobody_a_resident(register: Register) -> None:
    person = register.person()
    register.add("residence", person, residence_type="permanent_dwelling", withheld=True)
    assert register.resident(person) is None
    assert register.moves(person) == []
    assert register.population() == []


def test_a_withheld_home_alone_makes_a_resident_without_a_place(
    register: Register,
) -> None:
    person = register.person()
    register.add("home_municipality", person, withheld=True)
    assert_masked(register, person, protected=False)


def test_a_withheld_home_counts_before_a_last_known_one_elsewhere(
    register: Register,
) -> None:
    person = register.person()
    register.live(person, "837", "2024-01-01")
    register.add("home_municipality", person, withheld=True)
    assert_masked(register, person, protected=False)
