"""The permanent address abroad while nobody moves: begun, changed, ended, corrected, removed.

An emigrant may move on inside the other country, which no product of an area hears of; what that
ended is told on return. Keep out moving abroad and back (`abroad.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.abroad import ADDRESSES, close_foreign
from vtj_pipeline.sandbox.events.moves import starts
from vtj_pipeline.sandbox.person_state import ForeignAddress

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def foreign_address(world: World) -> None:
    """Let something happen to an address abroad; residents have one but rarely."""
    holder = None
    if world.rng.random() < 0.7:
        holder = world.pick(lambda p: p.is_alive and p.foreign is not None)
    person = holder or world.pick(lambda p: world.in_area(p) and p.foreign is None)
    if person is None:
        return
    old = person.foreign
    since = world.date_after(None if old is None else old.since, *starts(person))
    if since is not None:
        world.tell(person, person.municipality, _happened(world, person, since))


def _happened(world: World, person: Person, since: date) -> list[Row]:
    old, chance = person.foreign, world.rng.random()
    if old is None or chance < 0.4:
        closing = close_foreign(person, since - _DAY)
        return _begin(world, person, since) + closing
    if not world.in_area(person) or chance < 0.55:
        return _corrected(world, person, old)
    if chance < 0.75:
        return close_foreign(person, since - _DAY)
    if chance < 0.85:
        return [r.said("LISATIETO", row) for row in _rows(old)]
    person.foreign = None
    return [r.said("POISTETTU", row) for row in _rows(old)]


def _rows(address: ForeignAddress) -> tuple[Row, Row]:
    return r.foreign_row(address), r.living_abroad_row(address)


def _begin(world: World, person: Person, since: date) -> list[Row]:
    country = pick(world.rng, tuple(ADDRESSES))
    person.foreign = ForeignAddress(*ADDRESSES[country], country, since)
    return [r.said("LISATTY", row) for row in _rows(person.foreign)]


def _corrected(world: World, person: Person, old: ForeignAddress) -> list[Row]:
    """Correct the line; the dwelling id, which does not hold it, stays."""
    right = old._replace(line=f"{old.line.split(',')[0]}, {1 + int(world.rng.random() * 90)}")
    person.foreign = right
    if right == old:
        return [r.said("LISATIETO", r.foreign_row(old))]
    wrong, standing = r.said("KORJATTAVA", r.foreign_row(old)), r.living_abroad_row(old)
    return [wrong, r.said("LISATIETO", standing), r.said("KORJATTU", r.foreign_row(right))]
