"""Postal addresses: begun, changed, ended, removed (contract §4.3, §4.6).

Keep out permanent addresses (`moves.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def postal_change(world: World) -> None:
    """Let a resident have another postal address, a first one, or none any more."""
    person = world.pick(world.in_area)
    if person is None:
        return
    old = person.postal
    starts = [person.born, *(one.until for one in person.past_postals)]
    since = world.date_after(None if old is None else old.since, *starts)
    chance = world.rng.random()
    if since is None:
        return
    rows = []
    if old is None or chance < 0.5:
        person.postal = world.maker.dwellings.postal(world.rng, str(person.municipality), since)
        rows.append(r.said("LISATTY", r.postal_row(person.postal)))
    else:
        person.postal = None
    if old is not None and chance < 0.85:
        ended = old._replace(until=since - _DAY)
        person.past_postals += (ended,)
        rows.append(r.said("MUUTETTU", r.postal_row(ended)))
    elif old is not None:
        rows.append(r.said("POISTETTU", r.postal_row(old)))
    world.tell(person, person.municipality, rows)
