"""Bans, codes of other countries, religion, corrections: every attribute of every group."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox.basic_data import basic_rows
from vtj_pipeline.sandbox.events import family, protection, records, religion
from vtj_pipeline.sandbox.events.kinds import KINDS, Kind
from vtj_pipeline.sandbox.world import World, first_world
from vtj_pipeline_tests.sandbox.conftest import happened, outline

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person

NEW, CHANGED, GONE = "LISATTY", "MUUTETTU", "POISTETTU"
WRONG, RIGHT, CONTEXT = "KORJATTAVA", "KORJATTU", "LISATIETO"


@pytest.fixture(scope="module")
def settled() -> World:
    """A small world in which some have died; the tests add to it what they look at."""
    world = first_world(SandboxOptions(persons=150, seed=6, protected_share=0.0, outsiders=0.0))
    for _ in range(5):
        happened(family.death, world)
    return world


def _subjects(world: World, kind: Kind) -> list[Person]:
    return [p for p in world.people if p.is_alive != kind.of_the_dead]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.group)
def test_every_attribute_of_every_kind(kind: Kind, settled: World) -> None:
    seen: set[str] = set()
    apart = False
    for person in _subjects(settled, kind) * (200 if kind.of_the_dead else 4):
        rows = records.change_of(settled, person, kind)
        seen |= {row["muutosattribuutti"] for row in rows if row["tietoryhma"] == kind.group}
        apart |= len(rows) == 3
        standing = [kind.row(one) for one in kind.held(person)]
        truth = [r for r in basic_rows(person, censored=False) if r["tietoryhma"] == kind.group]
        assert all(row in truth for row in standing)
    expected = {NEW, CHANGED, GONE, WRONG, RIGHT, CONTEXT}
    if kind.fixed:
        expected -= {NEW, GONE}
        seen -= {NEW}  # of the few of whom nothing was known
    if kind.correctable_only:
        expected -= {CHANGED}
    assert seen == expected
    assert apart, "no correction had other rows between its two"


def test_no_person_has_two_rows_of_a_single_valued_group(settled: World) -> None:
    single = {kind.group for kind in KINDS if not kind.many}
    for person in settled.people:
        groups = [r["tietoryhma"] for r in basic_rows(person, censored=False)]
        assert all(groups.count(group) <= 1 for group in single)


def test_a_declared_death_stands_beside_the_date_of_death(settled: World) -> None:
    kind = next(kind for kind in KINDS if kind.group == k.DECLARED_DEAD)
    person = _subjects(settled, kind)[0]
    while not kind.held(person):
        records.change_of(settled, person, kind)
    groups = {row["tietoryhma"] for row in basic_rows(person, censored=False)}
    assert {k.DECLARED_DEAD, "KUOLINPAIVA"} <= groups


def test_religion_with_its_history(settled: World) -> None:
    seen = set()
    for _ in range(400):
        settled.day += timedelta(days=1)
        message = happened(religion.religion_change, settled)[0]
        seen |= set(outline(message))
    assert {(k.FAITH, NEW), (k.FAITH, CHANGED), (k.FAITH, GONE)} <= seen
    assert {(k.PAST_FAITH, NEW), (k.FAITH_KIND, CHANGED)} <= seen


def test_an_order_prolonged_and_corrected() -> None:
    world = first_world(SandboxOptions(persons=60, protected_share=1.0))
    seen = {tuple(outline(happened(protection.protection_change, world)[0])) for _ in range(30)}
    order = "TURVAKIELTO"
    assert seen == {((order, CHANGED),), ((order, WRONG), (order, RIGHT))}


def test_an_order_removed_shows_everything_again() -> None:
    world = first_world(SandboxOptions(persons=60, protected_share=1.0))
    message = happened(protection.protection_removed, world, censored=True)[0]
    assert outline(message)[0] == ("TURVAKIELTO", GONE)
    assert ("KOTIKUNTA", CHANGED) in outline(message)
    person = world.by_code[message["henkilotunnus"]]
    assert not person.is_protected


def test_context_of_any_group_changes_nothing() -> None:
    world = first_world(SandboxOptions(persons=60))
    told = [row for _ in range(400) for row in outline(happened(records.context, world)[0])]
    assert {attribute for _, attribute in told} == {CONTEXT}
    assert {"KOTIKUNTA", "VAKINAINEN_KOTIMAINEN_OSOITE", k.AUTHORITY} <= {g for g, _ in told}


def test_newcomers_have_what_everybody_has(settled: World) -> None:
    child = happened(family.birth, settled)[0]
    groups = {group for group, _ in outline(child)}
    assert {k.FAITH_KIND, k.AUTHORITY} <= groups


def test_the_first_population_has_every_smaller_group() -> None:
    world = first_world(SandboxOptions(persons=6000, seed=2))
    held = {row["tietoryhma"] for person in world.people for row in person.kept}
    later = {k.CODE_HISTORY, k.DECLARED_DEAD, k.FOREIGN_POSTAL, k.INSTITUTION, k.PAST_ABROAD}
    later |= {k.PAST_FAITH, k.TEMPORARY_FOREIGN, k.TEMPORARY_INSTITUTION, k.TEMPORARY_ABROAD}
    assert set(k.KEPT_GROUPS) - held <= later
