"""Days on which very much happens: mergers, removed homes, a flood of messages (contract §5).

All of it is true: `perustiedot` agrees afterwards. Keep out which day it is (`life.py`).
"""

from __future__ import annotations

from collections import Counter
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
    options, by_size = world.options, _by_size(world)
    old = options.merger_from or by_size[0]
    new = options.merger_into or by_size[-1]
    _check(world, "merger", old, new)
    for person in _living(world):
        places = [row for row in _places(person) if row.get("kuntakoodi") == old]
        _recode(world, person, places, new, goes=person.municipality == old)
    world.dissolved.add(old)


def transfer(world: World) -> None:
    """Let some buildings of a municipality belong to another one, with everybody who lives there.

    Nobody moves: homes, addresses and dwellings change code, as in a merger. Institutions stay.

    Raises:
        SandboxError: the options name no two municipalities of today.
    """
    options, by_size = world.options, _by_size(world)
    old = options.transfer_from or by_size[-1]
    new = options.transfer_into or by_size[0]
    _check(world, "transfer", old, new)
    part = _part(world, old)
    for person in _living(world):
        goes = person.municipality == old and _building(person.address) in part
        _recode(world, person, _stays_in(person, old, part), new, goes=goes)
    world.maker.dwellings.hand_over(part, old, new)
    _forget_returns(world, part)


def _living(world: World) -> list[Person]:
    return [person for person in world.people if person.is_alive]


def _by_size(world: World) -> list[str]:
    known = world.reference.municipalities
    return sorted(world.standing(world.area), key=lambda code: (known[code].population, code))


def _check(world: World, what: str, old: str, new: str) -> None:
    known = world.standing(world.reference.municipalities)
    if old not in known or new not in known or old == new:
        msg = f"A {what} of {old} into {new} was asked for: name two municipalities of today."
        raise SandboxError(msg)


def _building(address: Address | None) -> str | None:
    return None if address is None else address.dwelling.building


def _part(world: World, old: str) -> set[str]:
    """Draw whole buildings until as many persons as asked for live there, or none is left."""
    homes = (p.address for p in _living(world) if p.municipality == old and p.address is not None)
    residents = Counter(address.dwelling.building for address in homes)
    buildings, part, going = sorted(residents), set[str](), 0
    seeded(world.options.seed, "transfer", world.day).shuffle(buildings)
    for building in buildings:
        if going >= world.options.transfer_persons:
            break
        part.add(building)
        going += residents[building]
    return part


def _stays_in(person: Person, old: str, part: set[str]) -> list[Row]:
    """Return the rows of temporary stays in these buildings, that of the municipality included."""
    places = [row for row in _places(person) if row.get("kuntakoodi") == old]
    there = [row for row in places if row.get("rakennustunnus") in part]
    days = {res.begun(row) for row in there}
    told = (row for row in places if row["tietoryhma"] == k.TEMPORARY_MUNICIPALITY)
    return there + [row for row in told if res.begun(row) in days]


def _forget_returns(world: World, part: set[str]) -> None:
    """What is undone later must not bring anybody back to one of the buildings by its old code."""
    world.recent_moves = [m for m in world.recent_moves if _building(m.old_address) not in part]
    world.deaths = [d for d in world.deaths if _building(d.address) not in part]


def _places(person: Person) -> list[Row]:
    return k.kept(
        person,
        k.TEMPORARY_ADDRESS,
        k.TEMPORARY_MUNICIPALITY,
        k.TEMPORARY_DWELLING,
        k.TEMPORARY_INSTITUTION,
        k.INSTITUTION,
    )


def _recode(world: World, person: Person, places: list[Row], new: str, *, goes: bool) -> None:
    """Tell a person's part of the change, in the order of a move between municipalities."""
    before = person.municipality
    since = _later(world.day, *starts(person))
    rows = _recode_home(world, person, new, since) if goes else []
    for row in places:
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
