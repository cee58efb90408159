"""Moving abroad, coming from abroad, and losing the home municipality (contract §4.3).

The rows of these are the contract's assumptions (§9 #18). Keep out moves inside Finland.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.moves import (
    close_address,
    close_home,
    leave_institution,
    starts,
)
from vtj_pipeline.sandbox.maker import FOREIGN_LANGUAGES
from vtj_pipeline.sandbox.person_state import Address, ForeignAddress, Stay
from vtj_pipeline.sandbox.population import YEAR
from vtj_pipeline.sandbox.reference_data import ABROAD, NO_HOME
from vtj_pipeline.sandbox.residence_rows import past_abroad_row

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_DAY = timedelta(days=1)
NORDIC = ("752", "578", "208")
FURTHER = ("233", "276", "826", "840")
ADDRESSES = {
    "752": ("Storgatan 12", "11122 STOCKHOLM"),
    "578": ("Kirkegata 4", "0153 OSLO"),
    "208": ("Nørregade 7", "1165 KØBENHAVN"),
    "233": ("Pikk 3", "10123 TALLINN"),
    "276": ("Hauptstraße 9", "10827 BERLIN"),
    "826": ("High Street 21", "LONDON"),
    "840": ("Main Street 100", "NEW YORK NY 10001"),
}
_WITHOUT_HOME_SHARE = 0.05


def emigration(world: World) -> None:
    """Let a resident of the area move abroad for good."""
    person = world.pick(lambda p: world.in_area(p) and p.age(world.day) >= 18)
    if person is None:
        return
    since = world.date_after(*starts(person))
    before = person.municipality
    if since is None:
        return
    country = pick(world.rng, NORDIC if world.rng.random() < 0.6 else FURTHER)
    closed_home = close_home(person, since - _DAY)
    closed_address = close_address(person, since - _DAY)
    left = leave_institution(person, since - _DAY) + close_foreign(person, since - _DAY)
    line, place = ADDRESSES[country]
    person.home = Stay(ABROAD, since)
    person.foreign = ForeignAddress(line, place, country, since)
    kind = "POHJOISMAISSA" if country in NORDIC else "MUUALLA_KUIN_POHJOISMAISSA"
    person.absence, person.emigrated_to = (f"KOTIPAIKKA_{kind}", since), country
    rows: list[Row] = [r.said("LISATTY", world.home_row(person.home))]
    if closed_home is not None:
        rows.append(r.said("MUUTETTU", r.past_home_row(closed_home)))
    if closed_address is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed_address)))
    rows.append(r.said("LISATTY", r.foreign_row(person.foreign)))
    rows.append(r.said("LISATTY", _absence_row(person)))
    rows.append(r.said("LISATTY", r.single("VALTIO_JOHON_MUUTTANUT", valtiokoodi=country)))
    rows.append(r.said("LISATTY", r.living_abroad_row(person.foreign)))
    if closed_address is not None:
        rows.append(r.said("MUUTETTU", r.dwelling_row(closed_address)))
    world.tell(person, before, [*rows, *left])
    world.move_household(person, world.maker.household())


def close_foreign(person: Person, until: date) -> list[Row]:
    """End the permanent address abroad in the truth and return the rows that tell it."""
    if person.foreign is None:
        return []
    closed = person.foreign._replace(until=until)
    person.foreign = None
    past = past_abroad_row(closed)
    k.keep(person, past)
    closing = [
        r.said("MUUTETTU", r.foreign_row(closed)),
        r.said("MUUTETTU", r.living_abroad_row(closed)),
    ]
    person.ended += tuple(closing)
    return [*closing, r.said("LISATTY", past)]


def _absence_row(person: Person) -> Row:
    assert person.absence is not None
    return r.absence_row(*person.absence)


def immigration(world: World) -> None:
    """Let a returner, or a person new to the register, come from abroad into the area."""
    returner = world.pick(lambda p: p.is_alive and p.municipality == ABROAD)
    if returner is not None and world.rng.random() < 0.4:
        _return(world, returner)
    else:
        _arrive(world)


def _new_address(world: World) -> Address:
    target = world.reference.weighted(world.standing(sorted(world.area))).draw(world.rng)
    return Address(world.maker.dwellings.empty(world.rng, target), world.day)


def _return(world: World, person: Person) -> None:
    since = world.date_after(*starts(person))
    if since is None:
        return
    before, ended = person.municipality, close_foreign(person, since - _DAY)
    closed_home = close_home(person, since - _DAY)
    address = _new_address(world)._replace(since=since)
    country = person.emigrated_to
    absence = None if person.absence is None else _absence_row(person)
    person.home = Stay(address.dwelling.municipality, since)
    person.bookkeeping, person.address = person.home, address
    person.absence, person.emigrated_to = None, None
    person.immigrated_from, person.arrived = country, since
    rows: list[Row] = [
        r.said("LISATTY", r.address_row(address)),
        r.said("LISATTY", world.home_row(person.home)),
    ]
    if closed_home is not None:
        rows.append(r.said("MUUTETTU", r.past_home_row(closed_home)))
    rows.append(r.said("MUUTETTU", r.bookkeeping_row(person.bookkeeping)))
    rows.append(r.said("LISATTY", r.dwelling_row(address)))
    rows += ended
    rows.append(
        r.said("LISATTY", r.single("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=r.partial(since)))
    )
    if absence is not None:
        rows.append(r.said("POISTETTU", absence))
    if country is not None:
        rows.append(r.said("POISTETTU", r.single("VALTIO_JOHON_MUUTTANUT", valtiokoodi=country)))
        rows.append(r.said("LISATTY", r.single("VALTIO_JOSTA_MUUTTANUT", valtiokoodi=country)))
    world.tell(person, before, rows)


def _arrive(world: World) -> None:
    """A person or a couple never seen before; all groups are new to everybody."""
    rng, language = world.rng, FOREIGN_LANGUAGES.draw(world.rng)
    number = world.maker.household()
    address = _new_address(world)
    for _ in range(1 if rng.random() < 0.6 else 2):
        born = world.day - timedelta(days=int((19 + rng.random() ** 2 * 45) * YEAR))
        person = world.maker.person(rng, born, number, language)
        world.maker.name(rng, person)
        world.maker.foreign_birth(rng, person, address.since)
        person.home = Stay(address.dwelling.municipality, address.since)
        person.address, person.bookkeeping = address, person.home
        world.add(person)
        world.tell_new(person)


def removal(world: World) -> None:
    """Remove the home municipality of a resident whose whereabouts are unknown (198, 199)."""
    person = world.pick(lambda p: world.in_area(p) and p.age(world.day) >= 18)
    if person is None:
        return
    since = world.date_after(*starts(person))
    if since is not None:
        remove_home(world, person, since)


def remove_home(world: World, person: Person, since: date) -> bool:
    """Remove a home municipality from a day on; false where the home began later than that."""
    if any(start is not None and start >= since for start in starts(person)):
        return False
    before = person.municipality
    code = NO_HOME[0] if world.rng.random() < _WITHOUT_HOME_SHARE else NO_HOME[1]
    if world.options.removal_code != "mixed":
        code = world.options.removal_code
    closed_home = close_home(person, since - _DAY)
    closed_address = close_address(person, since - _DAY)
    left = leave_institution(person, since - _DAY)
    person.home = Stay(code, since)
    rows = [r.said("LISATTY", world.home_row(person.home))]
    if closed_home is not None:
        rows.append(r.said("MUUTETTU", r.past_home_row(closed_home)))
    if closed_address is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed_address)))
        rows.append(r.said("MUUTETTU", r.dwelling_row(closed_address)))
    world.tell(person, before, [*rows, *left])
    world.move_household(person, world.maker.household())
    return True
