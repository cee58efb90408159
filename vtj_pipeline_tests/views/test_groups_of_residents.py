"""Residents of voting age, of small languages, without a dwelling; and those of code lists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register


def resident(register: Register, *, born: str = "1980-02-01", **more: Any) -> str:
    person = register.person(born=born, protected=more.pop("protected", False))
    register.live(person, **more)
    return person


def of(register: Register, view: str, person: str) -> dict[str, Any] | None:
    rows = register.ask(f"select * from wellbeing_area.{view} where person_id = %s", person)
    assert len(rows) <= 1
    return rows[0] if rows else None


def list_client(register: Register, person: str, subscription: str = "codes", **more: Any) -> None:
    known = {"first_recorded": "2020-01-01", "last_recorded": "2020-01-01"}
    values = {"subscription": subscription, "person_id": person, **known}
    register.insert("scope_member", {**values, **more})


@pytest.mark.parametrize(("born", "shown"), [("2008-06-15", True), ("2008-06-16", False)])
def test_whoever_turns_18_on_the_day_is_of_age(register: Register, born: str, shown: bool) -> None:
    row = of(register, "voter_age", resident(register, born=born))
    assert (row is not None) is shown
    assert row is None or (row["age"], row["municipality_code"]) == (18, "091")


def test_a_protected_person_is_of_age_without_a_place(register: Register) -> None:
    row = of(register, "voter_age", resident(register, protected=True))
    assert row is not None and row["municipality_code"] is None


@pytest.mark.parametrize(
    ("language", "code", "kind"),
    [
        ("sv", "091", "national_minority"),
        ("fi", "091", None),
        ("se", "091", "sami"),
        ("ru", "091", "foreign_language"),
        ("98", "091", "foreign_language"),
        ("99", "091", None),
    ],
)
def test_a_small_language_is_one_by_the_municipality(
    register: Register, language: str, code: str, kind: str | None
) -> None:
    person = resident(register, code=code)
    register.change("language", person, language_code=language)
    row = of(register, "language_minority", person)
    assert (row["minority_kind"] if row else None) == kind


def test_a_language_tells_nothing_of_a_protected_persons_municipality(register: Register) -> None:
    swedish, sami = (resident(register, protected=True) for _ in range(2))
    register.change("language", swedish, language_code="sv")
    register.change("language", sami, language_code="se")
    assert of(register, "language_minority", swedish) is None
    row = of(register, "language_minority", sami)
    assert row is not None and row["municipality_code"] is None


@pytest.mark.parametrize(
    ("residence", "fault"),
    [
        (None, "unknown_dwelling"),
        ({"residence_type": "permanent_dwelling"}, "unknown_dwelling"),
        ({"residence_type": "temporary_institution"}, "unknown_dwelling"),
        (
            {"residence_type": "permanent_institution", "institution_kind": "901"},
            "institution_or_no_address",
        ),
        ({"residence_type": "permanent_abroad"}, "abroad"),
    ],
)
def test_a_resident_without_a_dwelling_has_a_fault(
    register: Register, residence: dict[str, Any] | None, fault: str
) -> None:
    person = resident(register)
    if residence:
        register.add("residence", person, **residence)
    row = of(register, "address_quality", person)
    assert row is not None and (row["fault"], row["municipality_code"]) == (fault, "091")
    assert row["institution_kind"] == (residence or {}).get("institution_kind")


def test_a_dwelling_told_or_withheld_is_no_fault(register: Register) -> None:
    housed, hidden = resident(register), resident(register, protected=True)
    register.dwell(housed)
    moved_out = resident(register, valid_to="2026-01-01")
    for person in (housed, hidden, moved_out):
        assert of(register, "address_quality", person) is None


def test_a_client_is_listed_wherever_the_person_lives(register: Register) -> None:
    near, far, abroad = (
        resident(register),
        resident(register, code="297"),
        resident(register, code="200"),
    )
    register.dwell(far, postal_code="70100", municipality_code="297")
    for person in (near, far, abroad):
        list_client(register, person)
    row = of(register, "client_list", far)
    assert row is not None
    assert (row["subscription"], row["municipality_code"], row["postal_code"]) == (
        "codes",
        "297",
        "70100",
    )
    assert (row["municipality_name_fi"], row["wellbeing_area_code"], row["age"]) == (
        "Kuopio",
        "13",
        46,
    )
    codes = register.ask(
        "select municipality_code as code from municipality.client_list order by 1"
    )
    assert [c["code"] for c in codes] == ["091", "200", "297"]


def test_a_client_list_is_of_members_and_not_of_municipalities(register: Register) -> None:
    person = resident(register)  # of the subscription "s", by its home
    list_client(register, person, "old", is_member=False)
    assert of(register, "client_list", person) is None
    list_client(register, person, "one")
    list_client(register, person, "two", first_recorded="2026-02-01")
    names = "select subscription from municipality.client_list order by 1"
    assert [r["subscription"] for r in register.ask(names)] == ["one", "two"]
    register.as_of(recorded_at="2026-01-31T00:00:00+00")
    assert [r["subscription"] for r in register.ask(names)] == ["one"]


def test_a_dead_client_stays_listed(register: Register) -> None:
    person = resident(register, code="297")
    list_client(register, person)
    register.add("death", person, is_dead=True, death_date="2026-02-01")
    row = of(register, "client_list", person)
    assert row is not None
    assert (row["died_on"], row["age"], row["municipality_code"]) == (date(2026, 2, 1), None, "297")
    register.as_of(valid_at="2026-01-31")
    row = of(register, "client_list", person)
    assert row is not None and (row["died_on"], row["age"]) == (None, 45)


@pytest.mark.parametrize("protected", [True, False])
def test_of_a_client_without_a_home_only_the_code_is_told(
    register: Register, protected: bool
) -> None:
    person = register.person(protected=protected)
    list_client(register, person)
    row = of(register, "client_list", person)
    assert row is not None
    assert (row["identity_code"], row["last_name"]) == (f"code of {person[:8]}", None)
    assert (row["is_protected"], row["location_withheld"]) == (protected, protected)


def test_a_protected_client_has_no_place(register: Register) -> None:
    person = resident(register, code="297", protected=True)
    register.dwell(person)
    list_client(register, person)
    row = of(register, "client_list", person)
    assert row is not None
    assert (row["municipality_code"], row["street_fi"], row["last_name"]) == (None, None, "Last")
    assert (row["is_protected"], row["location_withheld"]) == (True, True)


def test_a_move_has_the_areas_of_both_municipalities(register: Register) -> None:
    person = resident(register, code="297", valid_to="2026-05-01")
    register.live(person, "049", "2026-05-01")
    row = of(register, "mover", person)
    assert row is not None
    assert (row["from_wellbeing_area_code"], row["to_wellbeing_area_code"]) == ("13", "03")
    assert row["to_municipality_code"] == "049"
