"""Tying persons to each other: both sides of a relation, and finding the other side again.

Add a way of tying two persons here. Keep out rows and messages (`events/`) and who is tied to
whom on the first day (`first_families.py`).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.family_state import (
    ADOPTED,
    ADOPTIVE,
    FATHER,
    MOTHER,
    OTHER_GUARDIAN,
    STATUTORY,
    Guardianship,
    Parenthood,
    Stub,
    Union,
)
from vtj_pipeline.sandbox.person_state import MAN

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.world import World

ADULT = 18
IN_MARRIAGE, IN_PARTNERSHIP = "AVIOLIITOSSA", "REKISTEROIDYSSA_PARISUHTEESSA"
UNMARRIED = "NAIMATON"


def birthday(born: date, years: int) -> date:
    """Return the birthday at an age; of 29 February in a common year the 28th."""
    if (born.month, born.day) == (2, 29):
        return date(born.year + years, 2, 28)
    return born.replace(year=born.year + years)


def snapshot(person: Person) -> Stub:
    """Return what is known of a person now, as a related person is told."""
    country = next((one.country for one in person.citizenships if one.is_active), None)
    return Stub(
        person.code,
        person.first_names,
        person.last_name,
        person.born,
        person.born_precision,
        person.sex,
        country,
    )


def find(world: World, stub: Stub) -> Person | None:
    """Return the person of the register whom a stub is about."""
    if stub.code is None:
        return None
    return world.by_code.get(stub.code) or world.by_old_code.get(stub.code)


def is_about(world: World, stub: Stub, person: Person) -> bool:
    """Whether a stub is about a person."""
    return find(world, stub) is person


def in_scope(world: World, *persons: Person) -> bool:
    """Whether the area's product has all of them, the dead included."""
    return all(one.municipality in world.area for one in persons)


def parent_role(person: Person) -> str:
    """Return the role of a parent by sex."""
    return FATHER if person.sex == MAN else MOTHER


def guard(
    guardian: Person,
    child: Person,
    *,
    stubs: tuple[Stub, Stub] | None = None,
    role: str | None = None,
) -> None:
    """Make a person the statutory guardian of a child until the 18th birthday, on both sides."""
    of_guardian, of_child = stubs or (snapshot(guardian), snapshot(child))
    until = birthday(child.born, ADULT)
    role = role or parent_role(guardian)
    child.guardians += (Guardianship(of_guardian, STATUTORY, role, child.born, until),)
    guardian.dependants += (Guardianship(of_child, STATUTORY, role, child.born, until),)


def beget(
    parent: Person,
    child: Person,
    quality: str,
    *,
    stubs: tuple[Stub, Stub] | None = None,
    adopted: date | None = None,
    labelled: bool = True,
) -> None:
    """Make a person the parent of a child, by birth or by adoption, on both sides."""
    of_parent, of_child = stubs or (snapshot(parent), snapshot(child))
    role = parent_role(parent)
    label, since, letter = role if labelled else None, adopted or child.born, None
    if adopted is not None:
        role, quality, letter = ADOPTIVE[role], ADOPTED, child.family.letter
    told = (role, quality, label, since, None, adopted, letter)
    family, parents = child.family, Parenthood(of_parent, *told)
    child.family = family._replace(parents=(*family.parents, parents))
    family, children = parent.family, Parenthood(of_child, *told)
    parent.family = family._replace(children=(*family.children, children))


def next_number(unions: tuple[Union, ...]) -> int:
    """Return the order number of a person's next marriage or partnership."""
    return max((one.number for one in unions), default=0) + 1


def marry(person: Person, other: Stub, day: date, way: str) -> Union:
    """Give one side of a couple the marriage; return it."""
    made = Union(other, next_number(person.family.marriages), day, way)
    person.family = person.family._replace(marriages=(*person.family.marriages, made))
    person.civil_status = IN_MARRIAGE
    return made


def register(person: Person, other: Stub, day: date) -> Union:
    """Give one side of a couple the registered partnership; return it."""
    made = Union(other, next_number(person.family.partnerships), day, "REKISTEROINTI")
    person.family = person.family._replace(partnerships=(*person.family.partnerships, made))
    person.civil_status = IN_PARTNERSHIP
    return made


def active_union(unions: tuple[Union, ...]) -> Union | None:
    """Return the marriage or partnership that is in force."""
    return next((one for one in unions if one.is_active), None)


def are_kin(world: World, one: Person, other: Person) -> bool:
    """Whether one is the parent, the child or the ward of the other, as far as is told."""
    family = one.family
    stubs = [tie.other for tie in (*family.parents, *family.children)]
    stubs += [tie.other for tie in (*one.guardians, *one.dependants)]
    return any(is_about(world, stub, other) for stub in stubs)


def siblings(world: World, one: Person, other: Person) -> bool:
    """Whether two persons have a parent in common, as far as is told."""
    parents = {find(world, tie.other) for tie in one.family.parents} - {None}
    return any(find(world, tie.other) in parents for tie in other.family.parents)


def guardian_role(guardian: Person, child: Person, world: World) -> str:
    """Return the role of a guardian: the parent's where that is what the guardian is."""
    for tie in child.family.parents:
        if is_about(world, tie.other, guardian):
            return tie.role
    return OTHER_GUARDIAN
