"""Corrections of earlier rows: KORJATTAVA with the wrong row, at once KORJATTU with the right one.

Add a kind of correction to `_KINDS`. Keep out cancelled moves (`cancelled.py`) and deaths that
were not (`family.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.person_state import DAY, Stay

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)


def correction(world: World) -> None:
    """Correct something about a resident, or the date of a death."""
    kind = pick(world.rng, _KINDS)
    if kind is death_date:
        person = pick(world.rng, world.deaths).person if world.deaths else None
    else:
        person = world.pick(world.in_area)
    if person is None:
        return
    rows = kind(world, person)
    if rows:
        world.tell(person, person.municipality, rows)


def home_restated(world: World) -> None:
    """Tell the KOTIKUNTA of a resident as MUUTETTU, as it stands (§9 #16)."""
    person = world.pick(world.in_area)
    if person is not None and person.home is not None:
        world.tell(person, person.municipality, [r.said("MUUTETTU", world.home_row(person.home))])


def _corrected(wrong: Row, right: Row) -> list[Row]:
    return [] if wrong == right else [r.said("KORJATTAVA", wrong), r.said("KORJATTU", right)]


def address_detail(world: World, person: Person) -> list[Row]:
    """Correct the house or the dwelling of the present address."""
    old = person.address
    if old is None:
        return []
    if old.dwelling.number is None:
        right = old.dwelling._replace(house=str(1 + int(world.rng.random() * 90)))
    else:
        right = old.dwelling._replace(number=f"{1 + int(world.rng.random() * 99):03d}")
    person.address = old._replace(dwelling=right)
    rows = _corrected(r.address_row(old), r.address_row(person.address))
    return rows + _corrected(r.dwelling_row(old), r.dwelling_row(person.address))


def move_date(world: World, person: Person) -> list[Row]:
    """Correct the day of the last move on both sides of it."""
    home, address = person.home, person.address
    if home is None or address is None or address.since != home.since or not person.past_homes:
        return []
    last = person.past_homes[-1]
    since = home.since + timedelta(days=pick(world.rng, (-4, -3, -2, -1, 1, 2, 3)))
    closed = person.past_addresses[-1:]
    begun = max([last.since, *(one.since for one in closed)])
    if last.until != home.since - _DAY or since <= begun + _DAY or since > world.day:
        return []
    person.home, person.address = home._replace(since=since), address._replace(since=since)
    right = last._replace(until=since - _DAY)
    person.past_homes = (*person.past_homes[:-1], right)
    rows = _corrected(r.address_row(address), r.address_row(person.address))
    for one in closed:
        if one.until == home.since - _DAY:
            ended = one._replace(until=since - _DAY)
            person.past_addresses = (*person.past_addresses[:-1], ended)
            rows += _corrected(r.address_row(one), r.address_row(ended))
            rows += _corrected(r.dwelling_row(one), r.dwelling_row(ended))
    rows += _corrected(world.home_row(home), world.home_row(person.home))
    rows += _corrected(r.past_home_row(last), r.past_home_row(right))
    if person.bookkeeping == home:
        person.bookkeeping = person.home
        rows.append(r.said("MUUTETTU", r.bookkeeping_row(person.home)))
    return rows + _corrected(r.dwelling_row(address), r.dwelling_row(person.address))


def past_boundary(world: World, person: Person) -> list[Row]:
    """Correct the day between two earlier homes."""
    if len(person.past_homes) < 2:
        return []
    place = int(world.rng.random() * (len(person.past_homes) - 1))
    first, second = person.past_homes[place : place + 2]
    since = second.since + timedelta(days=pick(world.rng, (-2, -1, 1, 2)))
    if second.until is None or not first.since < since - _DAY or since >= second.until:
        return []
    right = (first._replace(until=since - _DAY), second._replace(since=since, precision=DAY))
    homes = person.past_homes
    person.past_homes = (*homes[:place], *right, *homes[place + 2 :])
    rows = _corrected(r.past_home_row(first), r.past_home_row(right[0]))
    return rows + _corrected(r.past_home_row(second), r.past_home_row(right[1]))


def past_home_added(world: World, person: Person) -> list[Row]:
    """Add an earlier home that was not known."""
    known = [*person.past_homes, *([] if person.home is None else [person.home])]
    first = min((stay.since for stay in known), default=None)
    if first is None or (first - person.born).days < 60:
        return []
    added = Stay(world.reference.countrywide.draw(world.rng), person.born, first - _DAY)
    person.past_homes = (added, *person.past_homes)
    return [r.said("LISATTY", r.past_home_row(added))]


def past_home_removed(world: World, person: Person) -> list[Row]:
    """Remove the first of the earlier homes; it never was one."""
    if len(person.past_homes) < 2 or world.rng.random() < 0.5:
        return []
    removed, *kept = person.past_homes
    person.past_homes = tuple(kept)
    return [r.said("POISTETTU", r.past_home_row(removed))]


def birth_date(world: World, person: Person) -> list[Row]:
    """Correct the birth date; the code stays, and so may contradict it."""
    wrong = r.birth_row(person.born, person.born_precision)
    person.born -= timedelta(days=1 + int(world.rng.random() * 20))
    return _corrected(wrong, r.birth_row(person.born, person.born_precision))


def birth_municipality(world: World, person: Person) -> list[Row]:
    """Correct the home municipality at birth."""
    if person.birth_municipality is None:
        return []
    wrong = r.single("SYNTYMAKOTIKUNTA", kuntakoodi=person.birth_municipality)
    person.birth_municipality = world.reference.countrywide.draw(world.rng)
    right = r.single("SYNTYMAKOTIKUNTA", kuntakoodi=person.birth_municipality)
    return _corrected(wrong, right)


def spelling(world: World, person: Person) -> list[Row]:
    """Correct how a surname is written."""
    del world
    if person.first_names is None or person.last_name is None:
        return []
    wrong = r.name_row(person.first_names, person.last_name, person.name_since)
    ending = person.last_name[-1]
    person.last_name += "n" if ending != "n" else "en"
    return _corrected(wrong, r.name_row(person.first_names, person.last_name, person.name_since))


def death_date(world: World, person: Person) -> list[Row]:
    """Correct the date of a death."""
    death = person.death
    if death is None or not death.is_dead or death.day is None or person.home is None:
        return []
    right = death._replace(day=death.day + timedelta(days=pick(world.rng, (-1, 1))))
    if right.day is None or right.day > world.day:
        return []
    person.death = right
    return _corrected(r.death_row(death), r.death_row(right))


_KINDS = (
    address_detail,
    address_detail,
    move_date,
    move_date,
    past_boundary,
    past_home_added,
    past_home_removed,
    birth_date,
    birth_municipality,
    spelling,
    death_date,
)
