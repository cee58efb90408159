"""Living in an institution for good: moving there and back, and corrections (contract §3.5).

The municipality stays the same. The permanent address and its dwelling id end without a successor;
the institution stands in for them. Leaving by a move is told in `moves.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import residence_rows as res
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.moves import close_address, leave_institution, starts
from vtj_pipeline.sandbox.furnishing import INSTITUTION_KINDS
from vtj_pipeline.sandbox.person_state import Address

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def institution(world: World) -> None:
    """Let a resident move to an institution, out of it, or correct what is told of it."""
    inmate = None
    if world.rng.random() < 0.5:
        inmate = world.pick(lambda p: world.in_area(p) and bool(k.kept(p, k.INSTITUTION)))
    chance = world.rng.random()
    if inmate is None:
        person = world.pick(lambda p: world.in_area(p) and p.address is not None)
        if person is not None:
            _enter(world, person)
    elif chance < 0.6:
        _leave(world, inmate)
    else:
        rows = _restated(world, inmate, chance)
        world.tell(inmate, inmate.municipality, rows)


def _enter(world: World, person: Person) -> None:
    since = world.date_after(*starts(person))
    if since is None:
        return
    closed = close_address(person, since - _DAY)
    new = _row(world, person)
    new = res.begun_on(new, since)
    k.keep(person, new)
    rows = []
    if closed is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed)))
    rows.append(r.said("LISATTY", new))
    if closed is not None:
        rows.append(r.said("MUUTETTU", r.dwelling_row(closed)))
    world.tell(person, person.municipality, rows)
    world.move_household(person, world.maker.household())


def _row(world: World, person: Person) -> Row:
    kind, unit = pick(world.rng, INSTITUTION_KINDS), 10 * (1 + int(world.rng.random() * 99))
    return res.institution_row(k.INSTITUTION, str(person.municipality), kind, unit, world.day)


def _leave(world: World, person: Person) -> None:
    since = world.date_after(*starts(person))
    if since is None:
        return
    dwelling = world.maker.dwellings.empty(world.rng, str(person.municipality))
    person.address = Address(dwelling, since)
    rows = [
        r.said("LISATTY", r.address_row(person.address)),
        r.said("LISATTY", r.dwelling_row(person.address)),
        *leave_institution(person, since - _DAY),
    ]
    world.tell(person, person.municipality, rows)


def _restated(world: World, person: Person, chance: float) -> list[Row]:
    (old,) = k.kept(person, k.INSTITUTION)
    if chance < 0.7:
        return [r.said("LISATIETO", old)]
    new = res.begun_on(_row(world, person), res.begun(old))
    if chance < 0.9:
        k.swap(person, old, new)
        return [r.said("KORJATTAVA", old), r.said("KORJATTU", new)]
    k.drop(person, old)
    return [r.said("POISTETTU", old)]
