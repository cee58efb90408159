"""A part of a municipality becomes part of another: buildings change code, nobody moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.person_state import Person
from vtj_pipeline_tests.sandbox.conftest import outline

DAY = timedelta(days=1)
BASE = SandboxOptions(persons=600, days=10, seed=11, activity=60.0)
CHANGED = BASE.start + 10 * DAY
LARGEST, SMALLEST = "405", "441"


def lived(**options: Any) -> Sandbox:
    """A sandbox at the end of the day of the change."""
    given = {
        "clock": CHANGED + DAY,
        "transfer_day": CHANGED,
        "transfer_from": LARGEST,
        "transfer_into": SMALLEST,
    }
    return Sandbox(replace(BASE, **{**given, **options}))


def residents(sandbox: Sandbox) -> dict[str, Person]:
    return {p.code: p for p in sandbox.world.people if p.is_alive and p.address is not None}


def buildings(people: dict[str, Person], municipality: str) -> dict[str, set[str]]:
    """Building → codes of those who live in it, of one municipality."""
    found: dict[str, set[str]] = {}
    for code, person in people.items():
        if person.address is not None and person.municipality == municipality:
            found.setdefault(person.address.dwelling.building, set()).add(code)
    return found


def test_whole_buildings_go_over_until_so_many_persons_have() -> None:
    start = residents(Sandbox(replace(BASE, clock=CHANGED, activity=0.0)))
    changed = lived(activity=0.0, transfer_persons=30)
    after = residents(changed)
    old, new = buildings(start, LARGEST), buildings(after, SMALLEST)
    gone = {building: who for building, who in old.items() if building in new}
    told = changed.world.journal.told_of[CHANGED]["bulk.transfer"]
    persons = [code for who in gone.values() for code in who]
    assert 30 <= len(persons) < 30 + max(len(who) for who in gone.values())
    assert told >= len(persons)
    for building, who in old.items():
        home = SMALLEST if building in gone else LARGEST
        assert {after[code].municipality for code in who} == {home}
        for code in who:
            was, now = start[code].address, after[code].address
            assert was is not None and now is not None
            assert now.dwelling == was.dwelling._replace(municipality=home)
            assert now.since == (CHANGED if building in gone else was.since)


def homes_told(sandbox: Sandbox) -> set[tuple[tuple[str, str], ...]]:
    """The shapes of the messages of the day that tell a home."""
    told = sandbox.changes(sandbox.cursor_of_day(CHANGED), account=UNCENSORED)["muutokset"]
    outlines = {tuple(outline(message)) for message in told}
    return {one for one in outlines if ("KOTIKUNTA", "LISATTY") in one}


def test_it_is_told_as_a_merger_is() -> None:
    merger = {"merger_day": CHANGED, "merger_from": LARGEST, "merger_into": SMALLEST}
    part = homes_told(lived(activity=0.0, transfer_persons=10_000))
    assert part
    assert part <= homes_told(lived(activity=0.0, transfer_day=None, **merger))


@pytest.mark.parametrize("days", [1, 60])
def test_a_transferred_building_stays_so_whatever_happens_in_it(days: int) -> None:
    busy = {"activity": 150.0, "transfer_persons": 10_000}
    eve = lived(clock=CHANGED, **busy)
    part = buildings(residents(eve), LARGEST)
    after = lived(clock=CHANGED + days * DAY, **busy).world
    undoable = [one.old_address for one in after.recent_moves] + [d.address for d in after.deaths]
    lived_in = [person.address for person in after.people if person.is_alive]
    found = {
        address.dwelling.municipality
        for address in (*undoable, *lived_in)
        if address is not None and address.dwelling.building in part
    }
    assert found == {SMALLEST}


def test_the_municipality_that_gave_a_part_away_lives_on() -> None:
    after = lived(transfer_persons=1)
    assert after.world.dissolved == set()
    assert buildings(residents(after), LARGEST)


@pytest.mark.parametrize(
    "wrong", [{"transfer_from": "999"}, {"transfer_into": "x"}, {"transfer_into": LARGEST}]
)
def test_it_needs_two_municipalities_of_today(wrong: dict[str, str]) -> None:
    with pytest.raises(SandboxError, match=r"A transfer of .* two municipalities of today"):
        lived(**wrong)


def test_the_largest_gives_to_the_smallest_where_nothing_else_was_asked() -> None:
    after = lived(transfer_from=None, transfer_into=None, activity=0.0)
    known = after.world.reference.municipalities
    sizes = {code: known[code].population for code in after.world.area}
    cursor = after.cursor_of_day(CHANGED)
    rows = [
        row
        for message in after.changes(cursor, account=UNCENSORED)["muutokset"]
        for row in message["tietoryhmat"]
    ]
    assert {r["kuntakoodi"] for r in rows if r["tietoryhma"] == "KOTIKUNTA"} == {
        min(sizes, key=lambda code: sizes[code])
    }
    assert {r["kuntakoodi"] for r in rows if r["tietoryhma"] == "EDELLINEN_KOTIKUNTA"} == {
        max(sizes, key=lambda code: sizes[code])
    }
