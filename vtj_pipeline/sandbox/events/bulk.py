"""Days on which very much happens: a merger, removed homes, a flood of messages (contract §5).

All of it is true: `perustiedot` agrees afterwards. Keep out which day it is (`life.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import residence_rows as res
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import seeded
from vtj_pipeline.sandbox.events.abroad import remove_home
from vtj_pipeline.sandbox.events.moves import settle, starts
from vtj_pipeline.sandbox.kinship import ADULT
from vtj_pipeline.sandbox.person_state import Address, Stay

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def merger(world: World) -> None:
    """Let a municipality become part of another one: homes, addresses and dwellings change code.

    Raises:
        SandboxError: the options name no two municipalities of today.
    """
    old, new = _merged(world)
    people = [person for person in world.people if person.is_alive]
    for person in people:
        if person.municipality == old or _stays_in(person, old):
            _recode(world, person, old, new)
    world.dissolved.add(old)


def _merged(world: World) -> tuple[str, str]:
    known = world.reference.municipalities
    by_size = sorted(world.area, key=lambda code: (known[code].population, code))
    old = world.options.merger_from or by_size[0]
    new = world.options.merger_into or by_size[-1]
    if old not in known or new not in known or old == new:
        msg = f"A merger of {old} into {new} was asked for: name two municipalities of today."
        raise SandboxError(msg)
    return old, new


def _stays_in(person: Person, code: str) -> bool:
    return any(row.get("kuntakoodi") == code for row in _places(person))


def _places(person: Person) -> list[Row]:
    return k.kept(
        person,
        k.TEMPORARY_ADDRESS,
        k.TEMPORARY_MUNICIPALITY,
        k.TEMPORARY_DWELLING,
        k.TEMPORARY_INSTITUTION,
        k.INSTITUTION,
    )


def _recode(world: World, person: Person, old: str, new: str) -> None:
    """Tell one person's part of the merger, in the order of a move between municipalities."""
    before = person.municipality
    since = _later(world.day, *starts(person))
    rows: list[Row] = []
    if before == old:
        rows += _recode_home(world, person, new, since)
    for row in _places(person):
        if row.get("kuntakoodi") == old:
            rows += _recode_row(person, row, new, world.day)
    if rows:
        world.tell(person, before, rows)


def _later(day: date, *others: date | None) -> date:
    return max([day, *(one + _DAY for one in others if one is not None)])


def _recode_home(world: World, person: Person, new: str, since: date) -> list[Row]:
    old = person.address
    address = None
    if old is not None:
        address = Address(old.dwelling._replace(municipality=new), since)
    return settle(world, person, Stay(new, since), address)


def _recode_row(person: Person, row: Row, new: str, day: date) -> list[Row]:
    """End a row under the old code and begin it under the new one."""
    since = _later(day, res.begun(row))
    told = res.ended(row, since - _DAY)
    recoded = res.begun_on({**row, "kuntakoodi": new}, since)
    if "laitos" in row:
        recoded["asuinpaikantunnus"] = new + row["asuinpaikantunnus"][len(new) :]
    k.swap(person, row, recoded)
    rows = [r.said("LISATTY", recoded), r.said("MUUTETTU", told)]
    if row["tietoryhma"] == k.INSTITUTION:
        past = res.regrouped(told, k.PAST_INSTITUTION)
        k.keep(person, past)
        person.ended += (rows[1],)
        rows.append(r.said("LISATTY", past))
    return rows


def removals(world: World) -> None:
    """Remove the home municipality of many residents whose whereabouts are not known."""
    rng, left = seeded(world.options.seed, "removals", world.day), world.options.removals
    adults = [p for p in world.people if world.in_area(p) and p.age(world.day) >= ADULT]
    rng.shuffle(adults)
    for person in adults:
        if left and remove_home(world, person, world.day):
            left -= 1


def flood(world: World) -> None:
    """Tell rows of residents that stand, again and again."""
    rng = seeded(world.options.seed, "flood", world.day)
    people = [person for person in world.people if world.in_area(person)]
    if not people:
        return
    for _ in range(world.options.bulk_messages):
        world.repeat(rng, people[int(rng.random() * len(people))])
