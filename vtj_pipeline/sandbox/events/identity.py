"""Trouble with identity: chains of codes, merged persons, lost and shared codes (contract §4.5).

The last three need a tolerant reader and happen only by the option `identity_trouble`. Keep out the
plain change of a code (`status.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.status import change_code
from vtj_pipeline.sandbox.family_state import NO_FAMILY
from vtj_pipeline.sandbox.person_state import Person

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.world import World


def another_code(world: World) -> None:
    """Change the code of somebody who has had another one before: a chain."""
    changed = [one for one in world.by_old_code.values() if world.in_area(one) and one.old_codes]
    if changed:
        change_code(world, pick(world.rng, changed))


def merge(world: World) -> None:
    """Find out that two persons of the register are one; the second code is passivated.

    The message goes under the surviving code. Nothing comes under the other one any more, and
    `perustiedot` of the survivor tells the row of the passive code.
    """
    survivor = world.pick(lambda p: _stands_alone(world, p))
    removed = world.pick(lambda p: p is not survivor and _stands_alone(world, p))
    if survivor is None or removed is None:
        return
    active = r.code_row(survivor.code, survivor.code, [removed.code])
    passive = r.code_row(removed.code, survivor.code, [removed.code])
    k.keep(survivor, passive)
    world.forget(removed)
    world.by_old_code[removed.code] = survivor
    rows = [r.said("LISATIETO", active), r.said("MUUTETTU", passive)]
    world.tell(survivor, survivor.municipality, rows)


def passivation(world: World) -> None:
    """Passivate a code without a successor; the person is no longer in the register."""
    person = world.pick(lambda p: _stands_alone(world, p))
    if person is None:
        return
    row = r.code_row(person.code, person.code, [])
    row["voimassaolo"] = "PASSIIVI"
    row["aktiivinenHenkilotunnus"] = None
    if world.rng.random() < 0.5:
        del row["aktiivinenHenkilotunnus"]
    world.tell(person, person.municipality, [r.said("MUUTETTU", row)])
    world.forget(person)


def shared_code(world: World) -> None:
    """Find out that two persons were given one code: the first gets a new one, told as a change.

    The second one keeps it. All of that person is told as new under the same code, for until then
    what stood under it was the first one's.
    """
    first = world.pick(lambda p: _stands_alone(world, p) and p.address is not None)
    if first is None:
        return
    code = first.code
    second = _namesake(world, first)
    change_code(world, first)
    world.add(second)
    world.tell_new(second)
    assert world.by_code[code] is second


def _namesake(world: World, first: Person) -> Person:
    """Return another person with the same code, born on the same day, who lives elsewhere."""
    second = Person(first.code, first.sex, first.born, world.maker.household())
    second.language = world.maker.language("fi", first.born)
    second.citizenships = world.maker.citizenships(world.rng, "fi", first.born)
    second.home = second.bookkeeping = first.home
    if first.address is not None:
        dwelling = world.maker.dwellings.empty(world.rng, first.address.dwelling.municipality)
        second.address = first.address._replace(dwelling=dwelling)
    world.maker.name(world.rng, second)
    world.maker.history(world.rng, second)
    return second


def _stands_alone(world: World, person: Person) -> bool:
    """Whether a resident has no ties that would have to be told as well, and one code only."""
    return (
        world.in_area(person)
        and not person.is_protected
        and not person.old_codes
        and not person.has_code_row
        and not k.kept(person, k.CODE_HISTORY)
        and not (person.guardians or person.dependants)
        and person.family == NO_FAMILY
        and len(world.households[person.household]) == 1
    )


TROUBLES = (merge, passivation, shared_code)
