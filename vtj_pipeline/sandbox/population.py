"""The first population: households of the wellbeing area, then those elsewhere in Finland.

Add a kind of household or a rare kind of person here. Keep out what one person is made of
(`maker.py`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from vtj_pipeline.sandbox.chance import Weighted, seeded
from vtj_pipeline.sandbox.family_state import NO_FAMILY
from vtj_pipeline.sandbox.first_families import FamilyFounder
from vtj_pipeline.sandbox.kinship import ADULT
from vtj_pipeline.sandbox.maker import COUNTRY_OF_LANGUAGE, LANGUAGES
from vtj_pipeline.sandbox.names import surname
from vtj_pipeline.sandbox.person_state import (
    WOMAN,
    Address,
    Person,
    Protection,
    Stay,
)

if TYPE_CHECKING:
    from random import Random

    from vtj_pipeline.sandbox.maker import Maker
    from vtj_pipeline.sandbox.options import SandboxOptions

YEAR = 365.2425
_UNNAMED_DAYS = 45
_POSTAL_SHARE = 0.05
_SPARSE_SHARE = 0.0005
_PERSONS_PER_CENTENARIAN = 20_000


class _Home(NamedTuple):
    """Where and since when a household lives: in the municipality, and in the dwelling."""

    address: Address
    since: date
    today: date


def first_population(maker: Maker, options: SandboxOptions) -> list[Person]:
    """Return the persons of the first day: residents of the area first, then outsiders."""
    rng = seeded(options.seed, "population")
    inside = maker.reference.area(options.wellbeing_area)
    outside = maker.reference.outside(options.wellbeing_area)
    everyone = options.persons + round(options.persons * options.outsiders)
    families = FamilyFounder(maker, options)
    persons: list[Person] = []
    for codes, total in ((inside, options.persons), (outside, everyone)):
        weights = maker.reference.weighted(codes)
        while len(persons) < total:
            members = _household(maker, rng, weights, options.start, total - len(persons))
            families.found(members)
            _protect(rng, members, options)
            persons.extend(members)
    _grow_old(maker, rng, persons, options)
    return persons


def _household(
    maker: Maker, rng: Random, weights: Weighted[str], today: date, room: int
) -> list[Person]:
    """Return the members of one household, adults first, no more than there is room for."""
    ages = _ages(rng)[:room]
    language = LANGUAGES.draw(rng)
    last_name = surname(rng, language)
    number = maker.household()
    home = _home(maker, rng, weights.draw(rng), ages[0], today)
    members = []
    for place, age in enumerate(ages):
        born = today - timedelta(days=int((age + rng.random()) * YEAR) + 1)
        person = maker.person(rng, born, number, language)
        _settle(maker, rng, person, home)
        own = place == 1 and rng.random() < 0.35
        if born < today - timedelta(days=_UNNAMED_DAYS):
            maker.name(rng, person, surname(rng, language) if own else last_name)
        members.append(person)
    _relate(rng, members, today)
    _extras(maker, rng, members, today)
    return members


def _ages(rng: Random) -> list[int]:
    """Return the ages in one household, adults first."""
    kind = rng.random()
    if kind < 0.45:
        return [ADULT + int(rng.random() ** 0.85 * 78)]
    if kind < 0.82:
        first = 20 + int(rng.random() ** 0.7 * 72)
        return [first, max(ADULT, first - 6 + int(rng.random() * 12))]
    parent = 24 + int(rng.random() * 30)
    other = max(20, parent - 4 + int(rng.random() * 7))
    adults = [parent] if rng.random() < 0.2 else [parent, other]
    children = 1 + int(rng.random() ** 1.5 * 4)
    oldest = min(min(adults) - ADULT, 17)
    return adults + [int(rng.random() * (oldest + 1)) for _ in range(children)]


def _home(maker: Maker, rng: Random, municipality: str, age: int, today: date) -> _Home:
    lived = 20 + int(365 * max(1, age - 17) * rng.random() ** 2)
    since = today - timedelta(days=lived)
    moved = since + timedelta(days=int((lived - 10) * rng.random() ** 2))
    return _Home(Address(maker.dwellings.empty(rng, municipality), moved), since, today)


def _settle(maker: Maker, rng: Random, person: Person, home: _Home) -> None:
    """Let a person live at home since the household came, or since birth, with a past."""
    municipality = home.address.dwelling.municipality
    since = max(home.since, person.born)
    if person.born < home.since and rng.random() < 0.3:
        since = person.born
    foreign = (
        person.language is not None
        and person.language.code in COUNTRY_OF_LANGUAGE
        and since > person.born
        and rng.random() < 0.8
    )
    person.home = Stay(municipality, since)
    person.bookkeeping = person.home
    person.address = home.address._replace(since=max(home.address.since, since))
    if foreign:
        maker.foreign_birth(rng, person, since)
    else:
        maker.history(rng, person)


def _relate(rng: Random, members: list[Person], today: date) -> None:
    """Let the couple be married and part the old from their spouses (`first_families.py`)."""
    adults = [one for one in members if one.age(today) >= ADULT]
    if len(adults) > 1 and rng.random() < 0.65:
        for one in adults:
            one.civil_status = "AVIOLIITOSSA"
    elif len(adults) == 1:
        age, chance = adults[0].age(today), rng.random()
        if chance < (age - 50) / 60:
            adults[0].civil_status = "LESKI"
        elif chance > 1 - min(age - ADULT, 40) / 120:
            adults[0].civil_status = "ERONNUT"


def _extras(maker: Maker, rng: Random, members: list[Person], today: date) -> None:
    """Give some a postal address, an earlier code row, or leave next to nothing known."""
    for person in members:
        chance = rng.random()
        if chance < _POSTAL_SHARE and person.home is not None:
            since = max(person.born, today - timedelta(days=15 + int(rng.random() * 3000)))
            person.postal = maker.dwellings.postal(rng, person.home.municipality, since)
        elif chance > 1 - 0.001:
            person.has_code_row = True
        elif chance > 1 - 0.001 - _SPARSE_SHARE:
            _strip(person)


def _strip(person: Person) -> None:
    """Leave what the contract saw of its sparsest persons, and the home (§8 #27)."""
    person.first_names = person.last_name = person.name_since = person.call_name = None
    person.language = person.address = person.birth_municipality = None
    person.birth_country = person.immigrated_from = person.arrived = person.bookkeeping = None
    person.citizenships, person.past_homes = (), ()


def _protect(rng: Random, members: list[Person], options: SandboxOptions) -> None:
    """Put a whole household under protection: one member's address is the others' too."""
    if rng.random() >= options.protected_share:
        return
    ends = None
    if rng.random() < 0.8:
        ends = options.start + timedelta(days=20 + int(rng.random() * 1800))
    for person in members:
        person.protection = Protection(is_active=True, ends=ends)


def _grow_old(maker: Maker, rng: Random, persons: list[Person], options: SandboxOptions) -> None:
    """Make a few residents ones of the 1800s, whose death nobody ever reported."""
    for first in range(0, options.persons, _PERSONS_PER_CENTENARIAN):
        place = first
        while place < options.persons and _is_related(persons[place]):
            place += 1
        if place < options.persons:
            persons[place] = _of_the_1800s(maker, rng, persons[place])


def _is_related(person: Person) -> bool:
    return bool(person.guardians or person.dependants) or person.family != NO_FAMILY


def _of_the_1800s(maker: Maker, rng: Random, place_of: Person) -> Person:
    """A person who lives where another one would have."""
    born = date(1890, 1, 1) + timedelta(days=int(rng.random() * 3600))
    old = Person(maker.codes.issue(rng, born, WOMAN), WOMAN, born, place_of.household)
    old.language = maker.language("fi", born)
    old.citizenships = maker.citizenships(rng, "fi", born)
    old.home, old.address, old.bookkeeping = place_of.home, place_of.address, place_of.bookkeeping
    old.protection, old.civil_status = place_of.protection, "LESKI"
    maker.name(rng, old)
    maker.history(rng, old)
    return old
