"""Temporary stays, in a dwelling, an institution or abroad: begun, changed, ended, removed.

The rows are assumptions of ours after the moves of contract §4.3: new before closing. A stay that
is ended is no longer in `perustiedot`. Keep out permanent homes (`moves.py`, `institution.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import residence_rows as res
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.abroad import ADDRESSES
from vtj_pipeline.sandbox.furnishing import INSTITUTION_KINDS
from vtj_pipeline.sandbox.person_state import Address, ForeignAddress

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)
TEMPORARY = (
    k.TEMPORARY_ADDRESS,
    k.TEMPORARY_FOREIGN,
    k.TEMPORARY_MUNICIPALITY,
    k.TEMPORARY_DWELLING,
    k.TEMPORARY_INSTITUTION,
    k.TEMPORARY_ABROAD,
)
_BEGINNING_SHARE = 0.4
_ANOTHER_SHARE = 0.5


def temporary_stay(world: World) -> None:
    """Begin a resident's temporary stay, or let something happen to the one there is."""
    holder = None
    if world.rng.random() > _BEGINNING_SHARE:
        holder = world.pick(lambda p: world.in_area(p) and bool(k.kept(p, *TEMPORARY)))
    person = holder or world.pick(world.in_area)
    if person is None:
        return
    old = k.kept(person, *TEMPORARY)
    since = world.date_after(person.born, *(res.begun(row) for row in old))
    if since is None:
        return
    another = world.options.temporary_stays == "many" and world.rng.random() < _ANOTHER_SHARE
    if old and not another:
        rows = _continue(world, person, old, since)
    else:
        rows = _begin(world, person, since)
    world.tell(person, person.municipality, rows)


def _begin(world: World, person: Person, since: date) -> list[Row]:
    new = _stay(world, person, since)
    k.keep(person, *new)
    return [r.said("LISATTY", row) for row in new]


def _stay(world: World, person: Person, since: date) -> list[Row]:
    """Return the rows of a new stay of one of the three sorts."""
    rng, chance = world.rng, world.rng.random()
    municipality = world.reference.countrywide.draw(rng)
    if chance < 0.5:
        address = Address(world.maker.dwellings.empty(rng, municipality), since)
        return res.temporary_rows(address, person.municipality)
    if chance < 0.75:
        country = pick(rng, tuple(ADDRESSES))
        return res.temporary_foreign_rows(ForeignAddress(*ADDRESSES[country], country, since))
    kind, unit = pick(rng, INSTITUTION_KINDS), 10 * (1 + int(rng.random() * 9))
    stay = res.institution_row(k.TEMPORARY_INSTITUTION, municipality, kind, unit, since)
    return [stay, res.municipality_row(municipality, since)]


def _continue(world: World, person: Person, old: list[Row], since: date) -> list[Row]:
    chance = world.rng.random()
    if chance < 0.3:
        k.drop(person, *old)
        return _ended(old, since)
    if chance < 0.5:
        k.drop(person, *old)
        return _begin(world, person, since) + _ended(old, since)
    if chance < 0.65:
        k.drop(person, *old)
        return [r.said("POISTETTU", row) for row in old]
    if chance < 0.75:
        return [r.said("LISATIETO", row) for row in old]
    if chance < 0.85:
        return _sentinel(person, old)
    return _corrected(person, old)


def _ended(old: list[Row], since: date) -> list[Row]:
    return [r.said("MUUTETTU", res.ended(row, since - _DAY)) for row in old]


def _sentinel(person: Person, old: list[Row]) -> list[Row]:
    """Give the stay the far-future end: it is closed by its form and still in force (§8 #28)."""
    told = []
    for row in old:
        still = res.ended(row, res.STILL_IN_FORCE)
        k.swap(person, row, still)
        told.append(r.said("MUUTETTU", still))
    return told


def _corrected(person: Person, old: list[Row]) -> list[Row]:
    """Correct the first day of the stay: all wrong rows, then all right ones."""
    new = [res.begun_on(row, res.begun(row) - _DAY) for row in old]
    for wrong, right in zip(old, new, strict=True):
        k.swap(person, wrong, right)
    return [r.said("KORJATTAVA", row) for row in old] + [r.said("KORJATTU", row) for row in new]
