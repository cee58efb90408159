"""Parenthood: confirmed later, corrected, annulled, and adoption (contract §3.7).

Keep out births (`family.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.guardianship import active
from vtj_pipeline.sandbox.events.relations import (
    GUARDIANSHIP,
    PARENTHOOD,
    Edit,
    Step,
    Told,
    tell_all,
)
from vtj_pipeline.sandbox.family_rows import Changed
from vtj_pipeline.sandbox.family_state import (
    ADOPTED,
    ADOPTIVE,
    MOTHER,
    OF_MARRIAGE,
    OUT_OF_MARRIAGE,
    RECOGNISED,
    STATUTORY,
    Guardianship,
    Parenthood,
)
from vtj_pipeline.sandbox.kinship import (
    ADULT,
    are_kin,
    birthday,
    in_scope,
    is_about,
    parent_role,
    snapshot,
)

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.world import World

_LETTERS = ("A", "B", "C")


def _minor(world: World, person: Person, *, parents: int) -> bool:
    held = [one for one in person.family.parents if one.until is None]
    return len(held) == parents and world.in_area(person) and person.age(world.day) < ADULT


def _adult_for(world: World, child: Person) -> Person | None:
    """Return an adult who is no kin of the child: of the household, or now and then another."""

    def fits(person: Person) -> bool:
        old_enough = (child.born - person.born).days > ADULT * 365
        return person.lives_in_finland and old_enough and not are_kin(world, person, child)

    near = [one for one in world.households[child.household] if fits(one)]
    if near:
        return pick(world.rng, near)
    return world.pick(fits) if world.rng.random() < 0.4 else None


def confirmed(world: World) -> None:
    """Confirm the second parent of a child born out of marriage; now and then a guardian too."""
    child = world.pick(lambda p: bool(p.guardians) and _minor(world, p, parents=1))
    parent = None if child is None else _adult_for(world, child)
    if child is None or parent is None:
        return
    role = parent_role(parent)
    quality = RECOGNISED if role == MOTHER else OUT_OF_MARRIAGE
    tie = Parenthood(snapshot(parent), role, quality, role, child.born)
    told = [PARENTHOOD.carry_out(world, child, [Edit(None, tie, (Step("LISATTY", tie),))])]
    since = world.date_after(child.born, *(one.since for one in child.guardians))
    if since is not None and world.rng.random() < 0.5:
        told.insert(0, _guard(world, child, parent, "TUNNUSTANUT_AITI" if role == MOTHER else role))
    tell_all(world, *told)


def _guard(
    world: World,
    child: Person,
    parent: Person,
    role: str,
    ended: tuple[Edit[Guardianship], ...] = (),
) -> Told:
    """Make a new parent a guardian as well, from the day of the message."""
    until = birthday(child.born, ADULT)
    new = Guardianship(snapshot(parent), STATUTORY, role, world.day, until)
    begun = Edit(None, new, (Step("LISATTY", new, (), Changed(relation=True)),))
    return GUARDIANSHIP.carry_out(world, child, [begun, *ended])


def correction(world: World) -> None:
    """Correct a parenthood: its kind, its name or its start."""
    child = world.pick(lambda p: bool(p.family.parents) and world.in_area(p))
    if child is None:
        return
    old = pick(world.rng, child.family.parents)
    new = _corrected(world, old)
    if new == old or not PARENTHOOD.everyone_in_scope(world, child, old):
        return
    steps = (Step("KORJATTAVA", old), Step("KORJATTU", new))
    apart = world.rng.random() < 0.5
    tell_all(world, PARENTHOOD.carry_out(world, child, [Edit(old, new, steps)], apart=apart))


def _corrected(world: World, old: Parenthood) -> Parenthood:
    chance = world.rng.random()
    if chance < 0.4 and old.quality in (OF_MARRIAGE, OUT_OF_MARRIAGE):
        right = OUT_OF_MARRIAGE if old.quality == OF_MARRIAGE else OF_MARRIAGE
        return old._replace(quality=right)
    if chance < 0.7 and old.since is not None:
        return old._replace(since=old.since - timedelta(days=1))
    if old.label is None:
        return old._replace(label="AITI" if old.role.endswith("AITI") else "ISA")
    return old._replace(label=None)


def annulled(world: World) -> None:
    """Annul a parenthood: it is removed on both sides; guardianship is another matter."""
    child = world.pick(lambda p: len(p.family.parents) > 1 and world.in_area(p))
    if child is None:
        return
    fathers = [one for one in child.family.parents if one.role == "ISA"]
    if not fathers or not PARENTHOOD.everyone_in_scope(world, child, fathers[-1]):
        return
    old = fathers[-1]
    edits = [Edit(old, None, (Step("POISTETTU", old),))]
    tell_all(world, PARENTHOOD.carry_out(world, child, edits))


def adoption(world: World) -> None:
    """Let an adult adopt a child; one of two parents may cease to be one, and a guardian."""
    child = world.pick(
        lambda p: (
            bool(p.guardians)
            and p.family.letter is None
            and (_minor(world, p, parents=1) or _minor(world, p, parents=2))
        )
    )
    adopter = None if child is None else _adult_for(world, child)
    if child is None or adopter is None or not in_scope(world, child):
        return
    if world.date_after(child.born, *(one.since for one in child.guardians)) is None:
        return
    letter, day = pick(world.rng, _LETTERS), world.day
    label = parent_role(adopter)
    tie = Parenthood(
        snapshot(adopter), ADOPTIVE[label], ADOPTED, label, day, adopted=day, letter=letter
    )
    edits = [Edit(None, tie, (Step("LISATTY", tie),))]
    guardianships: tuple[Edit[Guardianship], ...] = ()
    held = [one for one in child.family.parents if one.until is None]
    if len(held) > 1 or world.rng.random() < 0.3:
        old = held[-1]
        ended = old._replace(until=day)
        edits.append(Edit(old, ended, (Step("MUUTETTU", ended),)))
        guardianships = _ended_guardianships(world, child, old)
    child.family = child.family._replace(letter=letter)
    told = _guard(world, child, adopter, ADOPTIVE[label], guardianships)
    letter_rows: Told = {child: [r.said("LISATTY", f.letter_row(letter))]}
    tell_all(world, told, PARENTHOOD.carry_out(world, child, edits), letter_rows)


def _ended_guardianships(
    world: World, child: Person, parent: Parenthood
) -> tuple[Edit[Guardianship], ...]:
    """Return how the guardianships of somebody end who is no parent any more."""
    edits = []
    for old in active(world, child):
        same = old.other == parent.other or any(
            is_about(world, parent.other, one)
            for one in world.households[child.household]
            if is_about(world, old.other, one)
        )
        if same and old.since < world.day:
            new = old._replace(until=world.day)
            step = Step("MUUTETTU", new, (), Changed(relation=True))
            edits.append(Edit(old, new, (step,)))
    return tuple(edits)
