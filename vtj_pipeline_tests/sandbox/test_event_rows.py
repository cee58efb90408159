"""Each kind of event tells the rows of contract §4.3 in their order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.sandbox.events import (
    abroad,
    cancelled,
    corrections,
    family,
    moves,
    names,
    postal,
    protection,
    status,
)
from vtj_pipeline.sandbox.family_rows import BIRTH_DETAILS, CHILD_GROUPS, DEPENDANT_GROUPS
from vtj_pipeline.sandbox.masking import LOCATION_GROUPS
from vtj_pipeline.sandbox.rows import ADDRESS, BOOKKEEPING, DWELLING, HOME, PAST_HOME
from vtj_pipeline.sandbox.world import World, first_world
from vtj_pipeline_tests.sandbox.conftest import Message, happened, outline

if TYPE_CHECKING:
    from collections.abc import Callable

NEW, CHANGED, GONE = "LISATTY", "MUUTETTU", "POISTETTU"
PAST_DWELLING = "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
WRONG, RIGHT, CONTEXT = "KORJATTAVA", "KORJATTU", "LISATIETO"
MOVE = [
    (ADDRESS, NEW),
    (ADDRESS, CHANGED),
    (HOME, NEW),
    (PAST_HOME, CHANGED),
    (BOOKKEEPING, CHANGED),
    (DWELLING, NEW),
    (DWELLING, CHANGED),
]


def rows_of(message: Message, group: str) -> list[dict[str, object]]:
    return [row for row in message["tietoryhmat"] if row["tietoryhma"] == group]


@pytest.mark.parametrize("event", [moves.between, moves.into_area, moves.elsewhere])
def test_a_move_between_municipalities(event: Callable[[World], None], world: World) -> None:
    message = happened(event, world)[0]
    assert outline(message) == MOVE
    new, old = rows_of(message, ADDRESS)
    assert new["kuntakoodi"] == rows_of(message, HOME)[0]["kuntakoodi"]
    ended = rows_of(message, PAST_HOME)[0]["kunnastaPoisMuuttopv"]
    assert ended == old["loppupv"]
    assert ended != new["alkupv"]


def test_a_move_inside_a_municipality_says_nothing_of_the_municipality(world: World) -> None:
    message = happened(moves.within, world)[0]
    assert outline(message) == [(ADDRESS, NEW), (ADDRESS, CHANGED), (DWELLING, NEW)]


@pytest.mark.parametrize(("share", "pair"), [(1.0, True), (0.0, False)])
def test_a_cancelled_move_with_and_without_the_pair(share: float, pair: bool) -> None:
    world = first_world(
        SandboxOptions(persons=300, protected_share=0.0, cancelled_pair_share=share)
    )
    moved = happened(moves.between, world)[0]
    message = happened(cancelled.cancelled_move, world)[0]
    expected = [(ADDRESS, GONE), (ADDRESS, WRONG), (ADDRESS, RIGHT), (HOME, GONE), (HOME, CONTEXT)]
    expected += [(PAST_HOME, WRONG), (PAST_HOME, RIGHT)] * pair
    expected += [(DWELLING, GONE), (DWELLING, WRONG), (DWELLING, RIGHT), (BOOKKEEPING, CHANGED)]
    assert outline(message) == expected
    gone = rows_of(message, HOME)[0]
    assert gone["kuntakoodi"] == rows_of(moved, HOME)[0]["kuntakoodi"]
    (standing,) = gone["voimassaolevatTiedot"]
    assert standing["kuntakoodi"] == rows_of(moved, PAST_HOME)[0]["kuntakoodi"]
    assert "loppupv" not in rows_of(message, ADDRESS)[2]


def test_a_cancelled_move_of_a_protected_person_never_reopens_the_open_history() -> None:
    world = first_world(SandboxOptions(persons=300, protected_share=1.0))
    happened(moves.between, world)
    message = happened(cancelled.cancelled_move, world, censored=True)[0]
    assert outline(message) == [
        (ADDRESS, CHANGED),
        (ADDRESS, WRONG),
        (ADDRESS, RIGHT),
        (HOME, CHANGED),
        (HOME, CONTEXT),
        (PAST_HOME, GONE),
        (DWELLING, CHANGED),
        (DWELLING, WRONG),
        (DWELLING, RIGHT),
        (PAST_DWELLING, GONE),
    ]


def test_an_emigration(world: World) -> None:
    message = happened(abroad.emigration, world)[0]
    assert outline(message) == [
        (HOME, NEW),
        (PAST_HOME, CHANGED),
        (ADDRESS, CHANGED),
        ("VAKINAINEN_ULKOMAINEN_OSOITE", NEW),
        ("POISSAOLO", NEW),
        ("VALTIO_JOHON_MUUTTANUT", NEW),
        ("VAKINAINEN_ULKOMAILLA_ASUMINEN", NEW),
        (DWELLING, CHANGED),
    ]
    assert rows_of(message, HOME)[0]["kuntakoodi"] == "200"


def test_an_immigrant_is_told_with_all_groups_as_new(world: World) -> None:
    message = happened(abroad.immigration, world)[0]
    groups = [group for group, attribute in outline(message) if attribute == NEW]
    assert len(groups) == len(message["tietoryhmat"])
    assert {"SYNTYMAPAIVA", "HENKILON_NIMI", HOME, ADDRESS, "SUOMEEN_MUUTTOPAIVA"} <= set(groups)
    assert rows_of(message, "SYNTYMAKOTIKUNTA")[0]["kuntakoodi"] == "200"


def test_a_returner_closes_the_stay_abroad(world: World) -> None:
    happened(abroad.emigration, world)
    world.day += timedelta(days=30)
    told: list[Message] = []
    while not any(row[1] == GONE for message in told for row in outline(message)):
        told = happened(abroad.immigration, world)
    assert rows_of(told[0], PAST_HOME)[0]["kuntakoodi"] == "200"
    assert ("POISSAOLO", GONE) in outline(told[0])


def test_a_removal_of_the_home_municipality(world: World) -> None:
    message = happened(abroad.removal, world)[0]
    assert outline(message)[:2] == [(HOME, NEW), (PAST_HOME, CHANGED)]
    assert rows_of(message, HOME)[0]["kuntakoodi"] in ("198", "199")


def test_a_birth_is_told_on_the_child_and_on_the_parents(world: World) -> None:
    child, *parents = happened(family.birth, world)
    assert {attribute for _, attribute in outline(child)} == {NEW}
    assert ("HUOLTAJA_SUPPEA", NEW) in outline(child)
    assert len(parents) in (1, 2)
    for parent in parents:
        groups = (*DEPENDANT_GROUPS, *CHILD_GROUPS, BIRTH_DETAILS)
        assert outline(parent) == [(group, NEW) for group in groups]
        related = parent["tietoryhmat"][0]["huollettava"]
        assert related["henkilotunnus"] == child["henkilotunnus"]


def test_a_newborn_is_named_later(world: World) -> None:
    child = happened(family.birth, world)[0]
    while rows_of(child, "HENKILON_NIMI"):
        child = happened(family.birth, world)[0]
    world.day += timedelta(days=90)
    named = [happened(family.name_overdue, world)[0] for _ in family.overdue(world)]
    (message,) = [one for one in named if one["henkilotunnus"] == child["henkilotunnus"]]
    assert outline(message)[0] == ("HENKILON_NIMI", NEW)


def test_a_death_is_the_flag_alone(world: World) -> None:
    message = happened(family.death, world)[0]
    assert outline(message) == [("KUOLINPAIVA", NEW)]
    assert message["tietoryhmat"][0]["kuollut"] is True


def test_a_death_closes_the_residence_where_the_option_says_so() -> None:
    world = first_world(SandboxOptions(persons=300, death="closes-residence"))
    message = happened(family.death, world)[0]
    assert outline(message) == [
        ("KUOLINPAIVA", NEW),
        (PAST_HOME, NEW),
        (HOME, GONE),
        (ADDRESS, CHANGED),
        (DWELLING, CHANGED),
    ]
    back = happened(family.death_undone, world)[0]
    assert outline(back)[:4] == [
        ("KUOLINPAIVA", WRONG),
        ("KUOLINPAIVA", RIGHT),
        (HOME, NEW),
        (PAST_HOME, GONE),
    ]


def test_some_deaths_have_only_a_month_or_no_date(world: World) -> None:
    told = [happened(family.death, world)[0]["tietoryhmat"][0] for _ in range(120)]
    assert any("kuolinpv" not in row for row in told)
    assert any(row.get("kuolinpv", {}).get("tarkkuus") == "KUUKAUSI" for row in told)


def test_a_death_taken_back(world: World) -> None:
    died = happened(family.death, world)[0]
    message = happened(family.death_undone, world)[0]
    assert outline(message) == [("KUOLINPAIVA", WRONG), ("KUOLINPAIVA", RIGHT)]
    wrong, right = message["tietoryhmat"]
    assert wrong.get("kuolinpv") == died["tietoryhmat"][0].get("kuolinpv")
    assert right == {
        "tietoryhma": "KUOLINPAIVA",
        "muutosattribuutti": RIGHT,
        "kuollut": False,
    }


@pytest.mark.parametrize(
    ("event", "kind"),
    [(names.given_name_change, "ETUNIMI"), (names.surname_change, "SUKUNIMI")],
)
def test_a_change_of_name(event: Callable[[World], None], kind: str, world: World) -> None:
    message = happened(event, world)[0]
    assert outline(message) == [
        ("HENKILON_NIMI", CHANGED),
        ("NIMENMUUTOS", NEW),
        ("NIMENMUUTOS", CHANGED),
        ("NIMENMUUTOS_LAAJA", NEW),
        ("NIMENMUUTOS_LAAJA", CHANGED),
    ]
    kinds = [row["nimilaji"] for row in message["tietoryhmat"][1:]]
    assert kinds == [f"NYKYINEN_{kind}", f"EDELLINEN_{kind}"] * 2
    new, old = message["tietoryhmat"][1:3]
    assert new["alkupv"] == old["loppupv"]


def test_a_change_of_call_name_leaves_the_official_name_out(world: World) -> None:
    messages = [happened(names.call_name_change, world)[0] for _ in range(5)]
    changed = next(m for m in messages if len(m["tietoryhmat"]) == 6)
    groups = ("NIMENMUUTOS", "NIMENMUUTOS_LAAJA", "KUTSUMANIMI")
    assert outline(changed) == [(g, a) for g in groups for a in (NEW, CHANGED)]


def test_a_change_of_mother_tongue(world: World) -> None:
    message = happened(status.language_change, world)[0]
    assert outline(message) == [("AIDINKIELI", NEW), ("AIDINKIELI", GONE)]
    new, old = message["tietoryhmat"]
    assert old["loppupv"] == new["alkupv"]
    (standing,) = old["voimassaolevatTiedot"]
    assert standing == {k: v for k, v in new.items() if k != "muutosattribuutti"}


def test_a_change_of_citizenship_tells_the_whole_list_and_the_difference(world: World) -> None:
    message = happened(status.citizenship_change, world)[0]
    assert outline(message)[0] == ("KANSALAISUUS", CHANGED)
    assert outline(message)[1:] in ([], [(BOOKKEEPING, CHANGED)])
    row = message["tietoryhmat"][0]
    assert any(name.endswith("tKansalaisuudet") for name in row if name[:6] != "henkil")
    person = world.by_code[message["henkilotunnus"]]
    listed = {one["kansalaisuuskoodi"] for one in row["henkilonKansalaisuudet"]}
    assert listed == {one.country for one in person.citizenships}


def test_a_change_of_code_goes_under_the_old_code(world: World) -> None:
    for _ in range(6):
        message = happened(status.code_change, world)[0]
        new, old = message["tietoryhmat"][:2]
        assert message["henkilotunnus"] == old["muutettuHenkilotunnus"]
        assert (new["voimassaolo"], old["voimassaolo"]) == ("AKTIIVI", "PASSIIVI")
        assert new["aktiivinenHenkilotunnus"] == new["muutettuHenkilotunnus"]
        assert old["aktiivinenHenkilotunnus"] == new["muutettuHenkilotunnus"]
        assert new["edellisetHenkilotunnukset"][-1] == message["henkilotunnus"]
        told = [row for row in outline(message) if row[0] != "HENKILOTUNNUS_KORJAUS"]
        expected = [
            ("SUKUPUOLI", CHANGED),
            ("HENKILON_NIMI", CONTEXT),
            ("SYNTYMAPAIVA", CHANGED),
        ]
        assert told == [row for row in expected if row in told]
        assert told[-1] == ("SYNTYMAPAIVA", CHANGED)


def test_a_protection_order_masks_all_location_groups() -> None:
    world = first_world(SandboxOptions(persons=200, protected_share=0.0))
    message = happened(protection.protection_on, world, censored=True)[0]
    masked = [(group, CHANGED) for group in LOCATION_GROUPS]
    assert outline(message) == [("TURVAKIELTO", NEW), *masked]
    assert all("turvakiellonAlaisetKentat" in row for row in message["tietoryhmat"][1:])
    plain = happened(protection.protection_on, world)[0]
    assert outline(plain) == [("TURVAKIELTO", NEW)]


@pytest.mark.parametrize(
    ("choice", "masked"), [("flag-only", []), ("address-only", [(ADDRESS, CHANGED)])]
)
def test_a_protection_order_may_come_with_fewer_masks(
    choice: str, masked: list[tuple[str, str]]
) -> None:
    options = SandboxOptions(persons=200, protected_share=0.0, protection_on=choice)
    message = happened(protection.protection_on, first_world(options), censored=True)[0]
    assert outline(message) == [("TURVAKIELTO", NEW), *masked]


def test_the_end_of_an_order_in_the_bare_form_of_the_contract() -> None:
    options = SandboxOptions(persons=200, protected_share=1.0, protection_off_restores=False)
    message = happened(protection.protection_off, first_world(options), censored=True)[0]
    assert outline(message) == [("TURVAKIELTO", CHANGED), (ADDRESS, CHANGED), (HOME, CONTEXT)]
    assert message["tietoryhmat"][0]["turvakieltoAktiivinen"] is False


def test_the_end_of_an_order_restores_every_location_group() -> None:
    world = first_world(SandboxOptions(persons=200, protected_share=1.0))
    message = happened(protection.protection_off, world, censored=True)[0]
    told = outline(message)
    assert told[:3] == [("TURVAKIELTO", CHANGED), (ADDRESS, CHANGED), (HOME, CONTEXT)]
    assert (HOME, CHANGED) in told
    restored = {group for group, attribute in told if attribute in (CHANGED, GONE)}
    assert set(LOCATION_GROUPS) <= restored
    for row in message["tietoryhmat"]:
        assert ("turvakiellonAlaisetKentat" in row) == (row["muutosattribuutti"] == GONE)


def test_postal_addresses_begin_change_end_and_are_removed() -> None:
    world = first_world(SandboxOptions(persons=60, protected_share=0.0, outsiders=0.0))
    seen = set()
    for _ in range(600):
        world.day += timedelta(days=1)
        seen.add(
            tuple(attribute for _, attribute in outline(happened(postal.postal_change, world)[0]))
        )
    assert {(NEW,), (NEW, CHANGED), (CHANGED,), (GONE,)} <= seen


def test_in_every_correction_the_right_row_follows_the_wrong_one(world: World) -> None:
    happened(family.death, world)
    groups = set()
    for _ in range(150):
        told = outline(happened(corrections.correction, world)[0])
        for place, (group, attribute) in enumerate(told):
            if attribute == WRONG:
                assert told[place + 1] == (group, RIGHT)
                groups.add(group)
    assert {ADDRESS, PAST_HOME, "SYNTYMAPAIVA", "SYNTYMAKOTIKUNTA", "HENKILON_NIMI"} <= groups
