"""Joining, changing and leaving a religious community, with its history (contract §3.9).

The end of a membership is its last day (§3.0). Keep out corrections (`kinds.py`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.furnishing import LUTHERAN, NONE, faith_row

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def religion_change(world: World) -> None:
    """Let a resident join, change or leave a community."""
    person = world.pick(world.in_area)
    if person is None:
        return
    old = k.kept(person, k.FAITH)
    begun = [date.fromisoformat(row["alkupv"]["arvo"]) for row in old if "alkupv" in row]
    since = world.date_after(person.born, *begun)
    if since is None:
        return
    rows = []
    stays = not old or world.rng.random() < 0.5
    k.drop(person, *old)
    if stays:
        new = {**faith_row(world.rng, None), "alkupv": r.partial(since)}
        k.keep(person, new)
        rows.append(r.said("MUUTETTU" if old else "LISATTY", new))
    else:
        rows += [r.said("POISTETTU", row) for row in old]
    rows += [_past(person, row, since - _DAY) for row in old]
    rows += _kind(world, person, LUTHERAN if stays else NONE)
    world.tell(person, person.municipality, rows)


def _past(person: Person, row: Row, until: date) -> Row:
    past = {**row, "tietoryhma": k.PAST_FAITH, "loppupv": r.partial(until)}
    key = (past["uskontokunta"], past.get("alkupv"))
    same = [
        one
        for one in k.kept(person, k.PAST_FAITH)
        if (one["uskontokunta"], one.get("alkupv")) == key
    ]
    k.drop(person, *same)
    k.keep(person, past)
    return r.said("MUUTETTU" if same else "LISATTY", past)


def _kind(world: World, person: Person, kind: str) -> list[Row]:
    new, old = world.furnisher.faith_kind(kind), k.kept(person, k.FAITH_KIND)
    if old == [new]:
        return []
    k.drop(person, *old)
    k.keep(person, new)
    return [r.said("MUUTETTU" if old else "LISATTY", new)]
