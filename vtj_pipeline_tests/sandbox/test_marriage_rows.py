"""Marriages and registered partnerships: the rows of each event, on both spouses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.sandbox.events import family, marriage
from vtj_pipeline.sandbox.family_rows import MARRIAGE, PARTNERSHIP
from vtj_pipeline.sandbox.world import first_world
from vtj_pipeline_tests.sandbox.conftest import Message, happened, outline
from vtj_pipeline_tests.sandbox.test_family_rows import changes, told, truth, until

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.world import World

NEW, CHANGED, GONE = "LISATTY", "MUUTETTU", "POISTETTU"
WRONG, RIGHT, CONTEXT = "KORJATTAVA", "KORJATTU", "LISATIETO"
STATUS = "SIVIILISAATY"


def _status(world: World, message: Message) -> str:
    (row,) = truth(world, message, STATUS)
    return str(row["siviilisaaty"])


def test_a_wedding_is_told_on_both_spouses(world: World) -> None:
    messages = until(marriage.wedding, world, lambda m: len(m) == 2)
    for one, other in (messages, reversed(messages)):
        assert changes(one) == [(MARRIAGE, NEW), (STATUS, CHANGED)]
        row = told(one, MARRIAGE)[0]
        assert row["puoliso"]["henkilotunnus"] == other["henkilotunnus"]
        assert row["voimassaolo"] == "AKTIIVI"
        assert _status(world, one) == "AVIOLIITOSSA"
    first, second = (told(one, MARRIAGE)[0] for one in messages)
    assert first["vihkipv"] == second["vihkipv"]


def test_a_spouse_may_have_no_code(world: World) -> None:
    (message,) = until(marriage.wedding, world, lambda m: len(m) == 1)
    assert "henkilotunnus" not in told(message, MARRIAGE)[0]["puoliso"]


def test_a_second_marriage_has_the_next_number(world: World) -> None:
    (message, *_) = until(
        marriage.wedding, world, lambda m: told(m[0], MARRIAGE)[0]["jarjestysnumero"] > 1
    )
    numbers = [row["jarjestysnumero"] for row in truth(world, message, MARRIAGE)]
    assert numbers == sorted(set(numbers))


def test_a_divorce(world: World) -> None:
    messages = until(marriage.divorce, world, lambda m: bool(told(m[0], MARRIAGE)))
    assert len(messages) == 2
    for message in messages:
        assert changes(message) == [(MARRIAGE, CHANGED), (STATUS, CHANGED)]
        assert told(message, MARRIAGE)[0]["voimassaolo"] == "PASSIIVI"
        assert _status(world, message) == "ERONNUT"


def test_a_death_widows_the_spouse_until_it_is_taken_back(world: World) -> None:
    dead, widowed = until(family.death, world, lambda m: len(m) == 2)
    assert outline(dead) == [("KUOLINPAIVA", NEW)]
    assert {group for group, _ in changes(widowed)} <= {MARRIAGE, PARTNERSHIP, STATUS}
    assert _status(world, widowed).startswith("LESKI")
    world.deaths = [world.deaths[-1]]
    _, corrected = happened(family.death_undone, world)
    assert corrected["henkilotunnus"] == widowed["henkilotunnus"]
    assert [attribute for _, attribute in changes(corrected)] == [WRONG, RIGHT] * 2
    assert not _status(world, corrected).startswith("LESKI")


def test_a_partnership_is_turned_into_a_marriage() -> None:
    world = first_world(SandboxOptions(persons=1000, seed=3))
    for message in happened(marriage.turned, world):
        assert changes(message) == [(MARRIAGE, NEW), (PARTNERSHIP, CHANGED), (STATUS, CHANGED)]
        assert told(message, MARRIAGE)[0]["vihkitapa"] == "PARISUHDE_AVIOLIITOKSI"
        assert told(message, PARTNERSHIP)[0]["voimassaolo"] == "PASSIIVI"
        assert told(message, PARTNERSHIP)[0]["virallistamistapa"] == "REKISTEROINTI"


@pytest.mark.parametrize("adjacent", [True, False])
def test_a_corrected_marriage_is_not_always_an_adjacent_pair(adjacent: bool, world: World) -> None:
    pair = [(MARRIAGE, WRONG), (MARRIAGE, RIGHT)]
    apart = [pair[0], ("HENKILON_NIMI", CONTEXT), pair[1]]
    expected = pair if adjacent else apart
    length = len(expected)
    message = until(marriage.correction, world, lambda m: outline(m[0])[:length] == expected)[0]
    wrong, right = told(message, MARRIAGE)
    assert wrong["jarjestysnumero"] == right["jarjestysnumero"]
    assert wrong["puoliso"] == right["puoliso"]


def test_a_marriage_that_never_was_is_removed(world: World) -> None:
    messages = happened(marriage.removal, world)
    for message in messages:
        assert changes(message) == [(MARRIAGE, GONE), (STATUS, WRONG), (STATUS, RIGHT)]
        assert _status(world, message) in ("NAIMATON", "ERONNUT")


def test_civil_status_agrees_with_marriages_on_the_first_day() -> None:
    world = first_world(SandboxOptions(persons=1500, seed=8))
    for person in world.people:
        married = any(one.is_active for one in person.family.marriages)
        registered = any(one.is_active for one in person.family.partnerships)
        assert married == (person.civil_status == "AVIOLIITOSSA")
        assert registered == (person.civil_status == "REKISTEROIDYSSA_PARISUHTEESSA")
