"""What a censored account sees of protected persons."""

from __future__ import annotations

import pytest

from vtj_pipeline.sandbox import CENSORED, UNCENSORED, Sandbox
from vtj_pipeline.sandbox.masking import LOCATION_GROUPS, MASKED_FIELDS
from vtj_pipeline.sandbox.person_state import Person
from vtj_pipeline_tests.sandbox.conftest import all_messages

ALLOWED_IN_A_MASK = {"tietoryhma", "turvakiellonAlaisetKentat", "muutosattribuutti"}


@pytest.fixture(scope="module")
def protected(busy: Sandbox) -> list[Person]:
    return [p for p in busy.world.people if p.is_protected and p.municipality in busy.world.area]


def test_sixteen_groups_are_masked_whether_held_or_not(
    busy: Sandbox, protected: list[Person]
) -> None:
    assert len(LOCATION_GROUPS) == 16
    assert protected
    answer = busy.basic_data([person.code for person in protected])
    for person in answer["perustiedot"]:
        masked = {
            row["tietoryhma"]: row["turvakiellonAlaisetKentat"]
            for row in person["tietoryhmat"]
            if "turvakiellonAlaisetKentat" in row
        }
        assert masked == {group: list(fields) for group, fields in MASKED_FIELDS.items()}
        for row in person["tietoryhmat"]:
            if row["tietoryhma"] in MASKED_FIELDS:
                assert set(row) <= ALLOWED_IN_A_MASK


def test_book_keeping_is_left_out_and_history_is_not(
    busy: Sandbox, protected: list[Person]
) -> None:
    for person in busy.basic_data([one.code for one in protected])["perustiedot"]:
        groups = [row["tietoryhma"] for row in person["tietoryhmat"]]
        truth = busy.world.by_code[person["henkilotunnus"]]
        assert "VAESTOKIRJANPITOKUNTA" not in groups
        assert groups.count("EDELLINEN_KOTIKUNTA") == len(truth.past_homes)


def test_an_uncensored_account_sees_everything(busy: Sandbox, protected: list[Person]) -> None:
    answer = busy.basic_data([one.code for one in protected], account=UNCENSORED)
    rows = [row for person in answer["perustiedot"] for row in person["tietoryhmat"]]
    assert not any("turvakiellonAlaisetKentat" in row for row in rows)
    assert any(row["tietoryhma"] == "KOTIKUNTA" for row in rows)


def test_no_message_tells_a_censored_account_where_a_protected_person_lives(busy: Sandbox) -> None:
    is_protected = {
        person["henkilotunnus"]
        for person in Sandbox(busy.options).basic_data(busy.in_scope_codes())["perustiedot"]
        if any("turvakiellonAlaisetKentat" in row for row in person["tietoryhmat"])
    }
    last: dict[str, list[dict[str, object]]] = {}
    for message in all_messages(busy, CENSORED):
        if any(row["tietoryhma"] in MASKED_FIELDS for row in message["tietoryhmat"]):
            last[message["henkilotunnus"]] = message["tietoryhmat"]
    told = [rows for code, rows in last.items() if code in is_protected]
    assert told
    for rows in told:
        location = [row for row in rows if row["tietoryhma"] in MASKED_FIELDS]
        assert all(set(row) <= ALLOWED_IN_A_MASK for row in location)


def test_masked_rows_are_no_removals_while_the_order_is_in_force(busy: Sandbox) -> None:
    for message in all_messages(busy, CENSORED):
        ends = any(row.get("turvakieltoAktiivinen") is False for row in message["tietoryhmat"])
        for row in message["tietoryhmat"]:
            if "turvakiellonAlaisetKentat" in row and not ends:
                assert row["muutosattribuutti"] != "POISTETTU"
