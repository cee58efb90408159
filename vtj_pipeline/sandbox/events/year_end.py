"""The municipality at the turn of the year, told to everybody on the first of January (§3.4).

Keep out corrections of it (`kinds.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def new_year(world: World) -> None:
    """Tell VUODENVAIHTEEN_KUNTA of everybody alive with a home; `life.py` knows the day."""
    for person in world.people:
        if person.is_alive and person.home is not None and person.home.since < world.day:
            _tell(world, person, person.home.municipality)


def _tell(world: World, person: Person, municipality: str) -> None:
    new = world.furnisher.year_end(municipality, (world.day - _DAY).year)
    old = [row for row in k.kept(person, k.YEAR_END) if row != new]
    k.drop(person, *old)
    rows = [r.said("LISATTY", new)]
    if new not in person.kept:
        k.keep(person, new)
    removed = [r.said("POISTETTU", row, [new]) for row in old]
    if not world.in_area(person):
        person.ended += tuple(r.said("POISTETTU", row) for row in old)
    world.tell(person, person.municipality, rows + removed)
