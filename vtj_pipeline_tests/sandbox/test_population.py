"""The first population."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.reference_data import load_reference

OPTIONS = SandboxOptions(persons=4000, days=0, seed=5)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(OPTIONS)


def test_as_many_persons_as_asked_for_live_in_the_area_and_a_fifth_more_outside(
    sandbox: Sandbox,
) -> None:
    assert len(sandbox.in_scope_codes()) == 4000
    assert sandbox.counts()["persons"] == 4800


def test_municipalities_are_weighted_by_their_real_population(sandbox: Sandbox) -> None:
    reference = load_reference()
    area = reference.area(OPTIONS.wellbeing_area)
    homes = [p.municipality for p in sandbox.world.people if p.municipality in area]
    largest = max(area, key=lambda code: reference.municipalities[code].population)
    whole = sum(reference.municipalities[code].population for code in area)
    expected = reference.municipalities[largest].population / whole
    assert homes.count(largest) / len(homes) == pytest.approx(expected, abs=0.05)


def test_ages_are_those_of_a_population(sandbox: Sandbox) -> None:
    ages = [person.age(OPTIONS.start) for person in sandbox.world.people]
    assert 0.13 < sum(age < 18 for age in ages) / len(ages) < 0.26
    assert 0.15 < sum(age >= 65 for age in ages) / len(ages) < 0.32
    assert min(ages) == 0


def test_children_share_the_address_of_their_guardians(sandbox: Sandbox) -> None:
    by_code = sandbox.world.by_code
    children = [p for p in sandbox.world.people if p.guardians and p.address is not None]
    assert len(children) > 300
    for child in children:
        known = [by_code[g.other.code] for g in child.guardians if g.other.code in by_code]
        for guardian in known:
            assert guardian.address is None or guardian.address.dwelling == child.address.dwelling


def test_earlier_homes_form_a_chain_without_gaps_up_to_the_present_one(sandbox: Sandbox) -> None:
    for person in sandbox.world.people:
        chain = [*person.past_homes, person.home]
        for earlier, later in pairwise(chain):
            assert earlier is not None
            assert later is not None
            assert earlier.until is not None
            assert earlier.since <= earlier.until
            assert earlier.until + timedelta(days=1) == later.since


def test_swedish_street_names_only_where_swedish_is_an_official_language() -> None:
    finnish = Sandbox(SandboxOptions(persons=300, days=0, outsiders=0.0))
    assert not any("sv" in p.address.dwelling.street for p in finnish.world.people if p.address)
    bilingual = Sandbox(SandboxOptions(persons=300, days=0, outsiders=0.0, wellbeing_area="90"))
    assert all("sv" in p.address.dwelling.street for p in bilingual.world.people if p.address)


def test_languages_citizenships_and_rare_persons_occur(sandbox: Sandbox) -> None:
    people = sandbox.world.people
    languages = {p.language.code for p in people if p.language is not None}
    assert {"fi", "sv", "ru", "et", "ar", "98"} <= languages
    countries = {one.country for p in people for one in p.citizenships}
    assert {"246", "643"} <= countries
    assert any(len(p.citizenships) > 1 for p in people)
    assert any(p.born_precision == "KUUKAUSI" for p in people)
    assert any(p.language is None for p in people)
    assert any(p.first_names is None for p in people)
    assert any(p.postal is not None for p in people)
    assert any(p.is_protected for p in people)


def test_an_unknown_area_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(SandboxError, match="give one of 01, 02"):
        Sandbox(SandboxOptions(persons=1, wellbeing_area="77"))


@pytest.mark.parametrize(
    "wrong", [{"persons": 0}, {"page_size": 0}, {"death": "maybe"}, {"retention_days": 0}]
)
def test_an_impossible_option_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(SandboxError, match=next(iter(wrong))):
        SandboxOptions(**wrong)


def test_a_small_population_needs_neither_outsiders_nor_protected_persons() -> None:
    sandbox = Sandbox(SandboxOptions(persons=1, days=30, outsiders=0.0, protected_share=0.0))
    assert len(sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]) <= 1
