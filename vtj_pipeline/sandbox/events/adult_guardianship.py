"""Guardianship of adults and continuing powers of attorney (contract §3.8).

Each is one row with the whole list after the change; nothing is told on those who are appointed.
Keep out guardians of children (`guardianship.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.relations import tell_all
from vtj_pipeline.sandbox.family_state import Care, Mandate, Stub
from vtj_pipeline.sandbox.kinship import ADULT, birthday, in_scope, snapshot

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.world import World

_OLD = 70
_UNTOLD_SHARE = 0.1
_CODE_ALONE_SHARE = 0.3


def care(world: World) -> None:
    """Begin the guardianship of an adult, change who is guardian, end it, or remove it."""
    chance = world.rng.random()
    person = None
    if chance > 0.4:
        person = world.pick(lambda p: p.family.care is not None and world.in_area(p))
    if person is None or person.family.care is None:
        _begin(world)
        return
    held = person.family.care
    if held.until is None and chance < 0.7:
        _tell_care(world, person, "MUUTETTU", held._replace(guardians=_others(world, person, held)))
        return
    until = world.date_after(held.since)
    if held.until is None and chance < 0.9 and until is not None:
        _tell_care(world, person, "MUUTETTU", held._replace(until=until))
    elif in_scope(world, person):
        person.family = person.family._replace(care=None)
        tell_all(world, {person: [r.said("POISTETTU", f.care_row(held))]})


def _needs(world: World, person: Person) -> bool:
    age = person.age(world.day)
    return age >= ADULT and (age >= _OLD or world.rng.random() < 0.1) and world.in_area(person)


def _begin(world: World) -> None:
    person = world.pick(lambda p: p.family.care is None and _needs(world, p))
    guardian = None if person is None else _appointed(world, person)
    since = None if person is None else world.date_after(birthday(person.born, ADULT))
    if person is None or since is None:
        return
    _tell_care(world, person, "LISATTY", Care(since, (guardian,)))


def _tell_care(world: World, person: Person, attribute: str, new: Care) -> None:
    person.family = person.family._replace(care=new)
    tell_all(world, {person: [r.said(attribute, f.care_row(new))]})


def _others(world: World, person: Person, held: Care) -> tuple[Stub | None, ...]:
    """Return the guardians with one more, or with another one in the place of the first."""
    new = _appointed(world, person)
    kept = held.guardians if world.rng.random() < 0.4 and len(held.guardians) < 3 else ()
    return (*kept, new)


def _appointed(world: World, person: Person) -> Stub | None:
    """Return an adult who is appointed; now and then it is not told who (§3.8)."""
    if world.rng.random() < _UNTOLD_SHARE:
        return None
    other = world.pick(
        lambda p: p is not person and p.lives_in_finland and p.age(world.day) >= ADULT
    )
    if other is None:
        return None
    return Stub(other.code) if world.rng.random() < _CODE_ALONE_SHARE else snapshot(other)


def mandate(world: World) -> None:
    """Let a power of attorney be confirmed, get another holder, end, or be removed."""
    chance = world.rng.random()
    person = None
    if chance > 0.5:
        person = world.pick(lambda p: bool(p.family.mandates) and world.in_area(p))
    if person is None:
        person = world.pick(lambda p: not p.family.mandates and _needs(world, p))
    since = None if person is None else world.date_after(birthday(person.born, ADULT))
    if person is None or since is None:
        return
    held = person.family.mandates
    if held and chance > 0.9 and in_scope(world, person):
        person.family = person.family._replace(mandates=())
        tell_all(world, {person: [r.said("POISTETTU", f.mandate_row(held))]})
        return
    still = [one for one in held if one.until is None and one.since < since]
    if still and chance > 0.7:
        closed = pick(world.rng, still)
        new = tuple(one._replace(until=since) if one == closed else one for one in held)
    else:
        holder = _appointed(world, person)
        new = held if holder is None else (*held, Mandate(holder, since))
    if new != held:
        person.family = person.family._replace(mandates=new)
        row = f.mandate_row(new)
        tell_all(world, {person: [r.said("MUUTETTU" if held else "LISATTY", row)]})
