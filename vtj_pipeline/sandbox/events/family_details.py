"""Further details of related persons: at a birth, and in a notice of emigration (§3.9).

A notice of emigration comes before the emigration: of those who live abroad nothing is told any
more. Keep out the emigration itself (`abroad.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.relations import tell_all
from vtj_pipeline.sandbox.family_state import GUARDIAN, PARENT, SPOUSE, Detail
from vtj_pipeline.sandbox.kinship import active_union, find, in_scope, snapshot

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.family_state import Stub
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World


def birth_details(parent: Person, child: Person) -> Row:
    """Let a parent have the details of a newborn's registration; return their row."""
    detail = Detail(
        snapshot(child),
        child.sex,
        birth_municipality=child.birth_municipality,
        country=child.birth_country,
    )
    parent.family = parent.family._replace(births=(*parent.family.births, detail))
    return f.birth_detail_row(detail)


def emigration_notice(world: World) -> None:
    """Tell, change or remove what a notice of emigration says of the emigrant's family."""
    if world.rng.random() < 0.3:
        told = world.pick(lambda p: bool(p.family.emigration) and world.in_area(p))
        if told is not None:
            _change(world, told)
            return
    person = world.pick(
        lambda p: world.in_area(p) and not p.family.emigration and bool(_related(p))
    )
    if person is None:
        return
    details = tuple(detail_of(world, about, stub) for about, stub in _related(person))
    person.family = person.family._replace(emigration=details)
    rows = [r.said("LISATTY", f.emigration_row(*one)) for one in details]
    tell_all(world, {person: rows})


def _related(person: Person) -> list[tuple[str, Stub]]:
    spouse = active_union(person.family.marriages)
    found = [] if spouse is None else [(SPOUSE, spouse.other)]
    found += [(PARENT, one.other) for one in person.family.parents]
    told = {one.other: one for one in person.guardians}
    return found + [(GUARDIAN, stub) for stub in told]


def detail_of(world: World, about: str, stub: Stub) -> tuple[str, Detail]:
    """Return the details of one related person, as far as the register knows more."""
    known = find(world, stub)
    if known is None:
        return about, Detail(stub, stub.sex or "PUUTTUU")
    detail = Detail(stub, known.sex, known.code, known.birth_municipality, known.birth_country)
    return about, detail


def _change(world: World, person: Person) -> None:
    about, old = pick(world.rng, person.family.emigration)
    new = None if world.rng.random() < 0.5 else old._replace(country="246")
    if new == old or (new is None and not in_scope(world, person)):
        return
    changed = [(about, new) if one == (about, old) else one for one in person.family.emigration]
    person.family = person.family._replace(
        emigration=tuple((where, one) for where, one in changed if one is not None)
    )
    attribute = "POISTETTU" if new is None else "MUUTETTU"
    tell_all(world, {person: [r.said(attribute, f.emigration_row(about, new or old))]})
