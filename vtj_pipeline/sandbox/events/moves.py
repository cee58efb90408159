"""Moves inside Finland, between municipalities and within one (contract §4.3).

Keep out moves abroad (`abroad.py`) and cancelled moves (`cancelled.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.masking import history_changes, mask_changes
from vtj_pipeline.sandbox.person_state import Address, Stay
from vtj_pipeline.sandbox.residence_rows import begun, ended, last_day, regrouped
from vtj_pipeline.sandbox.world import Move

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_ADULT = 18
_DAY = timedelta(days=1)
_STAYS_IN_AREA = 0.55


def between(world: World) -> None:
    """Let a resident of the area move to another municipality, some out of the area."""
    person = world.pick(world.in_area)
    if person is None:
        return
    inside = world.rng.random() < _STAYS_IN_AREA and len(world.area) > 1
    codes = tuple(sorted(world.area)) if inside else outside(world)
    move_group(world, person, codes)


def into_area(world: World) -> None:
    """Let somebody from elsewhere in Finland move into the area."""
    person = world.pick(lambda p: p.lives_in_finland and p.municipality not in world.area)
    if person is not None:
        move_group(world, person, tuple(sorted(world.area)))


def elsewhere(world: World) -> None:
    """Let somebody move between two municipalities outside the area: an irrelevant entry."""
    person = world.pick(lambda p: p.lives_in_finland and p.municipality not in world.area)
    if person is not None:
        move_group(world, person, outside(world))


def within(world: World) -> None:
    """Let somebody move inside the municipality."""
    person = world.pick(lambda p: p.lives_in_finland)
    if person is None:
        return
    group = travellers(world, person)
    since = world.date_after(*(start for one in group for start in starts(one)))
    if since is None:
        return
    since = world.put_off(since)
    dwelling = world.maker.dwellings.empty(world.rng, str(person.municipality))
    household = household_of(world, group)
    for one in group:
        _move_within(world, one, Address(dwelling, since))
        world.move_household(one, household)


def outside(world: World) -> tuple[str, ...]:
    """Return the municipalities outside the area."""
    return world.reference.outside(world.options.wellbeing_area)


def travellers(world: World, person: Person) -> list[Person]:
    """Return who moves together: a child takes the household along, an adult often does."""
    together = [
        one
        for one in world.households[person.household]
        if one.is_alive and one.municipality == person.municipality
    ]
    minors = any(one.age(world.day) < _ADULT for one in together)
    adults = sum(one.age(world.day) >= _ADULT for one in together)
    alone = person.age(world.day) >= _ADULT and (adults > 1 or not minors)
    if alone and world.rng.random() < 0.6:
        return [person]
    return together


def household_of(world: World, group: list[Person]) -> int:
    """Return the household of those who move: their own where all of it moves, else a new one."""
    number = group[0].household
    if len(group) == len(world.households[number]):
        return number
    return world.maker.household()


def starts(person: Person) -> tuple[date | None, ...]:
    """Return the starts that a person's next move must come after."""
    return (
        None if person.home is None else person.home.since,
        None if person.address is None else person.address.since,
        None if person.foreign is None else person.foreign.since,
        *(begun(row) for row in k.kept(person, k.INSTITUTION)),
        *(last_day(row) for row in person.ended),
        person.born,
    )


def move_group(world: World, person: Person, codes: tuple[str, ...]) -> None:
    """Move a person, and who goes along, to another of these municipalities."""
    others = tuple(code for code in world.standing(codes) if code != person.municipality)
    group = travellers(world, person)
    since = world.date_after(*(start for one in group for start in starts(one)))
    if since is None or not others:
        return
    since = world.put_off(since)
    target = world.reference.weighted(others).draw(world.rng)
    address = Address(world.maker.dwellings.empty(world.rng, target), since)
    household = household_of(world, group)
    for one in group:
        _move_between(world, one, address)
        world.move_household(one, household)


def close_home(person: Person, until: date) -> Stay | None:
    """End the present stay in the truth and return it, closed."""
    if person.home is None:
        return None
    closed = person.home._replace(until=until)
    person.past_homes += (closed,)
    return closed


def close_address(person: Person, until: date) -> Address | None:
    """End the present address in the truth and return it, closed."""
    if person.address is None:
        return None
    closed = person.address._replace(until=until)
    person.past_addresses += (closed,)
    person.address = None
    return closed


def settle(world: World, person: Person, home: Stay, address: Address | None) -> list[Row]:
    """Begin another home and address in the truth, ending the present ones; the rows of §4.3."""
    left = home.since - _DAY
    closed_home, closed_address = close_home(person, left), close_address(person, left)
    person.home = person.bookkeeping = home
    person.address = address
    rows: list[Row] = []
    if address is not None:
        rows.append(r.said("LISATTY", r.address_row(address)))
    if closed_address is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed_address)))
    rows.append(r.said("LISATTY", world.home_row(home)))
    if closed_home is not None:
        rows.append(r.said("MUUTETTU", r.past_home_row(closed_home)))
    rows.append(r.said("MUUTETTU", r.bookkeeping_row(home)))
    if address is not None:
        rows.append(r.said("LISATTY", r.dwelling_row(address)))
    if closed_address is not None:
        rows.append(r.said("MUUTETTU", r.dwelling_row(closed_address)))
    return rows


def leave_institution(person: Person, until: date) -> list[Row]:
    """End living in an institution in the truth and return the rows that tell it."""
    told = []
    for row in k.kept(person, k.INSTITUTION):
        closed = ended(row, until)
        past = regrouped(closed, k.PAST_INSTITUTION)
        k.swap(person, row, past)
        ending = r.said("MUUTETTU", closed)
        person.ended += (ending,)
        told += [ending, r.said("LISATTY", past)]
    return told


def _move_between(world: World, person: Person, address: Address) -> None:
    old_home, old_address, before = person.home, person.address, person.municipality
    if old_home is None:
        return
    old_bookkeeping = person.bookkeeping
    home = Stay(address.dwelling.municipality, address.since)
    rows = settle(world, person, home, address)
    rows += leave_institution(person, address.since - _DAY)
    world.tell(person, before, rows)
    world.recent_moves.append(Move(person, old_home, old_bookkeeping, old_address, home, address))


def _move_within(world: World, person: Person, address: Address) -> None:
    if person.home is None:
        return
    old_address = person.address
    closed = close_address(person, address.since - _DAY)
    person.address = address
    rows = [r.said("LISATTY", r.address_row(address))]
    if closed is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed)))
    rows.append(r.said("LISATTY", r.dwelling_row(address)))
    rows += leave_institution(person, address.since - _DAY)
    censored = None
    if person.is_protected:
        gone = [] if closed is None else [r.said("MUUTETTU", r.dwelling_row(closed))]
        censored = [*mask_changes(rows), *history_changes(gone)]
    world.tell(person, person.municipality, rows, censored=censored)
    world.recent_moves.append(
        Move(person, person.home, person.bookkeeping, old_address, person.home, address)
    )
