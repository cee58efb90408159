"""Guardianship of children: decisions, rights, living, corrections, removals (contract §4.3).

That a child comes of age is a date and no event. Keep out guardians by birth (`family.py`) and by
adoption (`parenthood.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.relations import GUARDIANSHIP, Edit, Step, tell_all
from vtj_pipeline.sandbox.family_rows import Changed
from vtj_pipeline.sandbox.family_state import (
    APPOINTED,
    OTHER_GUARDIAN,
    STATUTORY,
    Guardianship,
    Living,
    Right,
    Stub,
)
from vtj_pipeline.sandbox.kinship import (
    ADULT,
    birthday,
    find,
    guardian_role,
    is_about,
    snapshot,
)
from vtj_pipeline.sandbox.names import given_names, surname
from vtj_pipeline.sandbox.person_state import MAN, WOMAN

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from random import Random

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.world import World

LIVING_CODES = ("AIDIN_LUONA", "ISAN_LUONA", "VUOROTELLEN_VANHEMPIEN_LUONA")
# The first is seen; the names of the others are not known.
RIGHT_CODES = (
    "HUOLLON_JAKO_KUVATTU_SISALTOTEKSTISSA",
    "TIEDONSAANTIOIKEUS",
    "PAATOKSENTEKOOIKEUS",
)
_TEXTS = ("Huoltaja päättää terveydenhoidosta.", "Huoltajat päättävät koulusta yhdessä.")
_FUTURE_END_SHARE = 0.35
_WITHOUT_CODE_SHARE = 0.15


def codeless(rng: Random, today: date) -> Stub:
    """Return an adult whom the register knows by name, birth date and sex only (§8 #11)."""
    sex = MAN if rng.random() < 0.5 else WOMAN
    born = today - timedelta(days=365 * 25 + int(rng.random() * 9000))
    return Stub(None, given_names(rng, sex, born.year, "en"), surname(rng, "en"), born, sex=sex)


def active(world: World, child: Person) -> list[Guardianship]:
    """Return the guardianships of a child that are in force."""
    return [one for one in child.guardians if one.since <= world.day < one.until]


def _ward(world: World) -> Person | None:
    return world.pick(lambda p: bool(p.guardians) and world.in_area(p) and bool(active(world, p)))


def decision(world: World) -> None:
    """Appoint guardians by decision: new relations first, then those that they end (§4.3)."""
    child = _ward(world)
    if child is None:
        return
    standing = active(world, child)
    since = world.date_after(child.born, *(one.since for one in child.guardians))
    if since is None:
        return
    begun: list[Edit[Guardianship]] = []
    ended: list[Edit[Guardianship]] = []
    for place, old in enumerate(standing):
        chance = world.rng.random()
        if old.kind == STATUTORY and chance < (0.6 if place == 0 else 0.15):
            new = old._replace(kind=APPOINTED, since=since)
            begun.append(_begun(new))
            ended.append(_replaced(world, child, old, new))
        elif chance > 0.7:
            ended.append(_closed(old, since))
    if not begun or world.rng.random() < 0.4:
        new_guardian = _newcomer(world, child, since)
        if new_guardian is not None:
            begun.append(_begun(new_guardian))
    if begun:
        tell_all(world, GUARDIANSHIP.carry_out(world, child, [*begun, *ended]))


def _begun(new: Guardianship) -> Edit[Guardianship]:
    return Edit(None, new, (Step("LISATTY", new, (), Changed(relation=True)),))


def _closed(
    old: Guardianship, until: date, standing: tuple[Guardianship, ...] = ()
) -> Edit[Guardianship]:
    new = old._replace(until=until)
    return Edit(old, new, (Step("MUUTETTU", new, standing, Changed(relation=True)),))


def _replaced(
    world: World, child: Person, old: Guardianship, new: Guardianship
) -> Edit[Guardianship]:
    """End a relation whose guardian remains one by another relation.

    Sometimes the closing row keeps the end in the future; only what stands says that it is closed
    (contract §8 #14), and it is no longer listed.
    """
    everyone = GUARDIANSHIP.everyone_in_scope(world, child, old)
    if everyone and world.rng.random() < _FUTURE_END_SHARE:
        return Edit(old, None, (Step("MUUTETTU", old, (new,), Changed(relation=True)),))
    return _closed(old, new.since, (new,))


def _newcomer(world: World, child: Person, since: date) -> Guardianship | None:
    until = birthday(child.born, ADULT)
    if world.rng.random() < _WITHOUT_CODE_SHARE:
        stub = codeless(world.rng, world.day)
        return Guardianship(stub, APPOINTED, OTHER_GUARDIAN, since, until)
    adult = world.pick(
        lambda p: (
            p.lives_in_finland
            and p.age(world.day) >= ADULT + 5
            and not any(is_about(world, one.other, p) for one in child.guardians)
        )
    )
    if adult is None:
        return None
    stub = snapshot(adult) if world.rng.random() < 0.8 else Stub(adult.code)
    return Guardianship(stub, APPOINTED, guardian_role(adult, child, world), since, until)


def rights(world: World) -> None:
    """Add, change or remove the rights of a guardian by decision."""
    child = _ward(world)
    since = None if child is None else world.date_after(child.born)
    if child is None or since is None:
        return
    old = pick(world.rng, active(world, child))
    new, changed = _other_rights(world.rng, old, max(since, old.since))
    step = Step("MUUTETTU", new, (), changed)
    tell_all(world, GUARDIANSHIP.carry_out(world, child, [Edit(old, new, (step,))]))


def a_right(rng: Random, since: date, until: date) -> Right:
    """Return a right of a guardian; one kind is told as text."""
    code = pick(rng, RIGHT_CODES)
    text = pick(rng, _TEXTS) if code == RIGHT_CODES[0] else None
    return Right(code, since, until, text)


def _other_rights(rng: Random, old: Guardianship, since: date) -> tuple[Guardianship, Changed]:
    chance = rng.random()
    if not old.rights or chance < 0.3:
        added = a_right(rng, since, old.until)
        return old._replace(rights=(*old.rights, added)), Changed(rights=True, added=(added,))
    right, *others = old.rights
    if chance < 0.65:
        text = next(one for one in (*_TEXTS, "") if one != right.text)
        altered = right._replace(text=text)
        told = Changed(rights=True, altered=(altered,))
        return old._replace(rights=(altered, *others)), told
    return old._replace(rights=tuple(others)), Changed(rights=True, removed=(right,))


def living(world: World) -> None:
    """Decide with whom a child lives; told of each guardian."""
    child = _ward(world)
    since = None if child is None else world.date_after(child.born)
    if child is None or since is None:
        return
    where = Living(pick(world.rng, LIVING_CODES), since, birthday(child.born, ADULT))
    edits = []
    for old in active(world, child):
        new = old._replace(living=where)
        step = Step("MUUTETTU", new, (), Changed(living=True))
        edits.append(Edit(old, new, (step,)))
    tell_all(world, GUARDIANSHIP.carry_out(world, child, edits))


def correction(world: World) -> None:
    """Correct a relation; every second time the rows of the pair are not adjacent."""
    child = _ward(world)
    if child is None:
        return
    old = pick(world.rng, child.guardians)
    new = pick(world.rng, _CORRECTIONS)(world, child, old)
    others = [one for one in child.guardians if one != old]
    taken = any(one.since == new.since and _alike(world, one, new) for one in others)
    if new == old or taken or not GUARDIANSHIP.everyone_in_scope(world, child, old):
        return
    steps = (Step("KORJATTAVA", old), Step("KORJATTU", new))
    apart = world.rng.random() < 0.5
    tell_all(world, GUARDIANSHIP.carry_out(world, child, [Edit(old, new, steps)], apart=apart))


def _earlier(world: World, child: Person, old: Guardianship) -> Guardianship:
    since = old.since + timedelta(days=pick(world.rng, (-3, -2, -1, 1, 2)))
    fits = child.born <= since < old.until and since <= world.day
    return old._replace(since=since) if fits else old


def _kind(world: World, child: Person, old: Guardianship) -> Guardianship:
    del world, child
    return old._replace(kind=APPOINTED if old.kind == STATUTORY else STATUTORY)


def _role(world: World, child: Person, old: Guardianship) -> Guardianship:
    guardian = find(world, old.other)
    if guardian is None:
        return old
    right = guardian_role(guardian, child, world)
    return old._replace(role=right if right != old.role else OTHER_GUARDIAN)


_CORRECTIONS: tuple[Callable[[World, Person, Guardianship], Guardianship], ...] = (
    _earlier,
    _kind,
    _role,
)


def _alike(world: World, one: Guardianship, other: Guardianship) -> bool:
    """Whether two relations are about the same guardian."""
    if one.other == other.other:
        return True
    known = find(world, one.other)
    return known is not None and known is find(world, other.other)


def removal(world: World) -> None:
    """Remove a relation that never was; what stands of the same guardian is told."""
    child = world.pick(lambda p: len(p.guardians) > 1 and world.in_area(p))
    if child is None:
        return
    old = pick(world.rng, child.guardians)
    if not GUARDIANSHIP.everyone_in_scope(world, child, old):
        return
    standing = tuple(one for one in active(world, child) if one != old and _alike(world, one, old))
    step = Step("POISTETTU", old, standing)
    tell_all(world, GUARDIANSHIP.carry_out(world, child, [Edit(old, None, (step,))]))
