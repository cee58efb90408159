"""Guardians, parents and guardianship of adults: the rows of each event, on both sides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox.basic_data import basic_rows
from vtj_pipeline.sandbox.events import (
    adult_guardianship,
    family,
    family_details,
    guardianship,
    parenthood,
)
from vtj_pipeline.sandbox.family_state import Guardianship, Living, Right, Stub
from vtj_pipeline_tests.sandbox.conftest import Message, happened, outline

if TYPE_CHECKING:
    from collections.abc import Callable

    from vtj_pipeline.sandbox.world import World

NEW, CHANGED, GONE = "LISATTY", "MUUTETTU", "POISTETTU"
WRONG, RIGHT, CONTEXT = "KORJATTAVA", "KORJATTU", "LISATIETO"
Row = dict[str, Any]
DAY = date(2020, 5, 14)
RELATION = Guardianship(
    Stub("010180-900X"),
    "LAKISAATEINEN_HUOLTAJA",
    "ADOPTIOISA",
    DAY,
    date(2030, 5, 14),
    Living("AIDIN_LUONA", DAY),
    (Right("TIEDONSAANTIOIKEUS", DAY, date(2030, 5, 14)),),
)


def told(message: Message, group: str) -> list[Row]:
    return [row for row in message["tietoryhmat"] if row["tietoryhma"] == group]


def changes(message: Message) -> list[tuple[str, str]]:
    return [one for one in outline(message) if one[1] != CONTEXT]


def until(
    event: Callable[[World], None], world: World, fits: Callable[[list[Message]], bool]
) -> list[Message]:
    """Let an event happen until it was told in a certain way."""
    for _ in range(400):
        messages = happened(event, world)
        if fits(messages):
            return messages
    msg = "it never happened that way"
    raise AssertionError(msg)


def has(group: str, attribute: str) -> Callable[[list[Message]], bool]:
    return lambda messages: (group, attribute) in outline(messages[0])


def truth(world: World, message: Message, group: str) -> list[Row]:
    person = world.by_code[message["henkilotunnus"]]
    return [row for row in basic_rows(person, censored=False) if row["tietoryhma"] == group]


def test_each_variant_of_a_guardianship_has_its_fields() -> None:
    full, narrow, restricted = f.guardianship_rows(f.GUARDIAN_GROUPS, [RELATION])
    assert full["huoltajanRooli"] == "ADOPTIOISA"
    assert narrow["huoltajanRooli"] == restricted["huoltajanRooli"] == "ISA"
    assert full["asuminen"] == narrow["asuminen"] == "AIDIN_LUONA"
    assert full["oikeudet"] == narrow["oikeudet"] != []
    assert set(restricted) == {
        "tietoryhma",
        "huoltaja",
        "huoltajanRooli",
        "huoltosuhteenAlkupv",
        "huoltosuhteenLoppupv",
    }
    assert "huollettava" in f.guardianship_row("HUOLLETTAVA_RAJOITETTU", RELATION)


def test_a_guardian_without_a_code_has_name_birth_date_and_sex(world: World) -> None:
    row = f.stub_row(guardianship.codeless(world.rng, world.day))
    assert set(row) == {
        "etunimet", "sukunimi", "etunimetUTF8", "sukunimiUTF8", "syntymapv", "sukupuoli",
    }  # fmt: skip


def test_a_decision_tells_new_relations_before_those_that_end(world: World) -> None:
    (child, *guardians) = until(guardianship.decision, world, has("HUOLTAJA", CHANGED))
    seen = changes(child)
    of_one_group = [attribute for group, attribute in seen if group == "HUOLTAJA"]
    assert of_one_group == sorted(of_one_group)
    assert seen == [(group, one) for group in f.GUARDIAN_GROUPS for one in of_one_group]
    for row in told(child, "HUOLTAJA") + told(child, "HUOLTAJA_SUPPEA"):
        assert row["huoltosuhteenMuutos"] is True
        assert row["huollonAsumisenMuutos"] is False
    for guardian in guardians:
        assert {group for group, _ in changes(guardian)} == set(f.DEPENDANT_GROUPS)
        related = told(guardian, "HUOLLETTAVA")[0]["huollettava"]
        assert related["henkilotunnus"] == child["henkilotunnus"]


@pytest.mark.parametrize("in_future", [True, False])
def test_an_ended_relation_stays_listed_unless_only_what_stands_ends_it(
    in_future: bool, world: World
) -> None:
    def replaced(messages: list[Message]) -> list[Row]:
        rows = told(messages[0], "HUOLTAJA")
        ends = [r for r in rows if "voimassaolevatTiedot" in r]
        day = world.day.isoformat()
        return [r for r in ends if (r["huoltosuhteenLoppupv"]["arvo"] > day) is in_future]

    messages = until(guardianship.decision, world, lambda m: bool(replaced(m)))
    child, (ended, *_) = messages[0], replaced(messages)
    (standing,) = ended["voimassaolevatTiedot"]
    assert standing["huoltajanLaji"] == "MAARATTY_HUOLTAJA"
    assert standing["huoltaja"]["henkilotunnus"] == ended["huoltaja"]["henkilotunnus"]
    held = truth(world, child, "HUOLTAJA")
    assert standing in held
    starts = [r["huoltosuhteenAlkupv"] for r in held if r["huoltaja"] == ended["huoltaja"]]
    assert (ended["huoltosuhteenAlkupv"] in starts) is not in_future


@pytest.mark.parametrize("delta", ["lisatytOikeudet", "muutetutOikeudet", "poistetutOikeudet"])
def test_changed_rights_come_whole_and_as_a_delta(delta: str, world: World) -> None:
    messages = until(guardianship.rights, world, lambda m: delta in m[0]["tietoryhmat"][0])
    full, narrow, restricted = messages[0]["tietoryhmat"][:3]
    assert full["huollonOikeudenMuutos"] is True
    assert full[delta] == narrow[delta]
    assert (full[delta][0] in full["oikeudet"]) is (delta != "poistetutOikeudet")
    assert "oikeudet" not in restricted
    assert delta in messages[1]["tietoryhmat"][0]


def test_a_decision_on_living_is_told_of_each_guardian(world: World) -> None:
    child = happened(guardianship.living, world)[0]
    rows = told(child, "HUOLTAJA_SUPPEA")
    assert rows
    assert {attribute for _, attribute in changes(child)} == {CHANGED}
    for row in rows:
        assert row["huollonAsumisenMuutos"] is True
        assert row["asuminen"] in guardianship.LIVING_CODES


def test_a_corrected_guardianship_is_not_always_an_adjacent_pair(world: World) -> None:
    pair = [WRONG, RIGHT]
    adjacent = [(group, one) for group in f.GUARDIAN_GROUPS for one in pair]
    apart = [(group, one) for one in pair for group in f.GUARDIAN_GROUPS]
    for order in (adjacent, apart):
        child = until(guardianship.correction, world, lambda m, o=order: changes(m[0]) == o)[0]
        wrong, right = told(child, "HUOLTAJA")
        assert wrong != right
        assert wrong["huoltaja"] == right["huoltaja"]


def test_a_guardianship_that_never_was_is_removed_on_both_sides(world: World) -> None:
    child, guardian = until(guardianship.removal, world, lambda m: len(m) == 2)
    assert changes(child) == [(group, GONE) for group in f.GUARDIAN_GROUPS]
    assert changes(guardian) == [(group, GONE) for group in f.DEPENDANT_GROUPS]
    (gone,) = told(child, "HUOLTAJA")
    assert gone["huoltaja"] not in [r["huoltaja"] for r in truth(world, child, "HUOLTAJA")]


def test_fatherhood_confirmed_later_is_told_on_both(world: World) -> None:
    messages = until(parenthood.confirmed, world, lambda m: not told(m[0], "HUOLTAJA"))
    child, parent = messages
    assert changes(child) == [(group, NEW) for group in f.PARENT_GROUPS]
    assert changes(parent) == [(group, NEW) for group in f.CHILD_GROUPS]
    assert told(child, "PERHESUHDE")[0]["rooli"] == "VANHEMPI"
    assert told(parent, "PERHESUHDE")[0]["rooli"] == "LAPSI"
    narrow = told(child, "VANHEMPI_SUPPEA")[0]
    assert narrow["lapsiVanhempiSuhdePaattynyt"] is False
    assert "lapsilaatu" not in narrow


@pytest.mark.parametrize(
    ("event", "attributes"),
    [(parenthood.correction, {WRONG, RIGHT}), (parenthood.annulled, {GONE})],
)
def test_a_parenthood_corrected_or_annulled(
    event: Callable[[World], None], attributes: set[str], world: World
) -> None:
    child, parent = until(event, world, lambda m: len(m) == 2)
    for message, groups in ((child, f.PARENT_GROUPS), (parent, f.CHILD_GROUPS)):
        assert {group for group, _ in changes(message)} == set(groups)
        assert {attribute for _, attribute in changes(message)} == attributes


def test_an_adoption_ends_the_parenthood_and_guardianship_of_another(world: World) -> None:
    messages = until(parenthood.adoption, world, has("VANHEMPI", CHANGED))
    child = messages[0]
    new, ended = told(child, "VANHEMPI")
    assert new["isaAiti"] in ("ADOPTIOAITI", "ADOPTIOISA")
    assert new["lapsilaatu"] == "SAATU_ADOPTIOLAPSEKSI"
    assert new["adoptiosuhde"] == {"alkupv": new["alkupv"]}
    assert ended["loppupv"] == new["alkupv"]
    assert told(child, "VANHEMPI_SUPPEA")[1]["lapsiVanhempiSuhdePaattynyt"] is True
    assert [r["voimassaolo"] for r in told(child, "PERHESUHDE")] == ["AKTIIVI", "PASSIIVI"]
    (letter,) = told(child, "JARJESTYSKIRJAIN")
    assert letter["jarjestyskirjain"] == new["jarjestyskirjain"]
    assert told(child, "HUOLTAJA")[0]["huoltajanRooli"] == new["isaAiti"]
    assert told(child, "HUOLTAJA_SUPPEA")[0]["huoltajanRooli"] in ("AITI", "ISA")


def test_the_guardianship_of_an_adult_begins_changes_ends_and_goes(world: World) -> None:
    (begun,) = until(adult_guardianship.care, world, has(f.CARE, NEW))
    row = told(begun, f.CARE)[0]
    assert "paatymispv" not in row
    assert len(row["nykyisetEdunvalvojat"]) == 1

    def ends(messages: list[Message]) -> bool:
        return any("paatymispv" in r for r in told(messages[0], f.CARE))

    until(adult_guardianship.care, world, lambda m: has(f.CARE, CHANGED)(m) and not ends(m))
    world.day += timedelta(days=40)
    (ended,) = until(adult_guardianship.care, world, ends)
    assert has(f.CARE, CHANGED)([ended]) or has(f.CARE, GONE)([ended])
    (gone,) = until(adult_guardianship.care, world, has(f.CARE, GONE))
    assert truth(world, gone, f.CARE) == []


def test_a_guardian_of_an_adult_may_be_untold(world: World) -> None:
    untold = until(
        adult_guardianship.care,
        world,
        lambda m: {} in told(m[0], f.CARE)[0]["nykyisetEdunvalvojat"],
    )
    assert untold


@pytest.mark.parametrize("attribute", [NEW, CHANGED, GONE])
def test_a_power_of_attorney_is_one_row_with_all_holders(attribute: str, world: World) -> None:
    (message,) = until(adult_guardianship.mandate, world, has(f.MANDATE, attribute))
    (row,) = told(message, f.MANDATE)
    holder = row["nykyisetEdunvalvontavaltuutetut"][0]
    assert {"edunvalvontavaltuutettu", "valtuutussuhteenAlkupv"} <= set(holder)
    assert len(truth(world, message, f.MANDATE)) == (attribute != GONE)


def test_a_notice_of_emigration_tells_of_spouse_parents_and_guardians(world: World) -> None:
    fields = {"PUOLISOSTA": "puoliso", "VANHEMMASTA": "vanhempi", "HUOLTAJASTA": "huoltaja"}
    for about, related in fields.items():
        group = f"MAASTAMUUTON_LISATIEDOT_{about}"
        (message,) = until(family_details.emigration_notice, world, has(group, NEW))
        row = told(message, group)[0]
        assert set(row) == {"tietoryhma", "muutosattribuutti", related, "lisatiedot"}
        assert "sukupuoli" in row["lisatiedot"]


def test_some_children_of_the_unmarried_wait_for_a_second_parent(world: World) -> None:
    births = [happened(family.birth, world) for _ in range(30)]
    assert {len(messages) for messages in births} == {2, 3}
    details = told(births[0][1], f.BIRTH_DETAILS)[0]
    assert details["lapsi"]["henkilotunnus"] == births[0][0]["henkilotunnus"]
    assert "syntymakotikunta" in details["lisatiedot"]
