"""Making synthetic persons: the first population, newborns and immigrants.

Every person is built here in full, group by group. Add a group's first row in `_describe`. Keep out
what happens later (`moves`, `facts`).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.codes import check_character, new_code
from vtj_pipeline.sandbox.places import Places, Weighted
from vtj_pipeline.sandbox.truth import Person

FINLAND = "246"
ABROAD = "200"
LANGUAGES: Weighted[str] = Weighted(
    {
        "fi": 84.0, "sv": 5.0, "ru": 1.9, "et": 0.9, "ar": 0.8, "en": 0.7, "so": 0.5, "uk": 0.6,
        "fa": 0.4, "zh": 0.4, "vi": 0.3, "sq": 0.3, "th": 0.2, "se": 0.1, "98": 0.1,
    }.items()
)  # fmt: skip
FOREIGN_LANGUAGES: Weighted[str] = Weighted(
    {"ru": 5.0, "et": 3.0, "ar": 3.0, "en": 3.0, "uk": 4.0, "fa": 1.0, "zh": 1.0, "vi": 1.0}.items()
)
COUNTRY_OF_LANGUAGE = {
    "ru": "643", "et": "233", "ar": "368", "en": "826", "so": "706", "uk": "804", "fa": "364",
    "zh": "156", "vi": "704", "sq": "008", "th": "764",
}  # fmt: skip
STAIRS = "ABCDEFGH"
_SHARE_OUTSIDE = 0.2
_SHARE_CONTRADICTING = 0.003


@dataclass
class Maker:
    """Builds persons out of the reference data; `used` are the codes given so far."""

    places: Places
    area: tuple[str, ...]
    inside: Weighted[str]
    outside: Weighted[str]
    anywhere: Weighted[str]
    used: set[str] = field(default_factory=set)

    def address(self, rng: Random, municipality: str, since: date) -> r.Row:
        """Return a VAKINAINEN_KOTIMAINEN_OSOITE row somewhere in a municipality."""
        place = self.places.municipalities[municipality]
        building = f"9{int(rng.random() * 10**8):08d}"
        made: dict[str, object] = {
            "tietoryhma": r.ADDRESS,
            "katunimi": place.streets[int(rng.random() * len(place.streets))],
            "katunumero": str(1 + int(rng.random() * 90)) + ("b" if rng.random() < 0.05 else ""),
        }
        if rng.random() < 0.55:
            made["huoneistokirjain"] = STAIRS[int(rng.random() * len(STAIRS))]
            made["huoneistonumero"] = f"{1 + int(rng.random() * 120):03d}"
            if rng.random() < 0.03:
                made["jakokirjain"] = "a"
        made |= {
            "postinumero": place.postal_codes[int(rng.random() * len(place.postal_codes))],
            "postitoimipaikka": place.name,
            "rakennustunnus": building + check_character(building),
            "osoitenumero": 2 if rng.random() < 0.1 else 1,
            "kuntakoodi": municipality,
            "alkupv": r.day(since),
        }
        return made

    def postal(self, rng: Random, municipality: str, since: date) -> r.Row:
        """Return a KOTIMAINEN_POSTIOSOITE row: a post office box in a municipality."""
        place = self.places.municipalities[municipality]
        box = 1 + int(rng.random() * 900)
        line = {"fi": f"PL {box}"} | ({"sv": f"PB {box}"} if place.swedish else {})
        return {
            "tietoryhma": r.POSTAL,
            "postiosoite": line,
            "postinumero": place.postal_codes[int(rng.random() * len(place.postal_codes))],
            "postitoimipaikka": place.name,
            "alkupv": r.day(since),
        }

    def given_names(self, rng: Random, sex: str) -> list[str]:
        """Return one to three different given names."""
        names = [self.places.first_names[sex].draw(rng)]
        others = self.places.other_names[sex]
        names += [others.draw(rng) for limit in (0.9, 0.15) if rng.random() < limit]
        return list(dict.fromkeys(names))

    def name(self, person: Person, given: list[str], last: str, call: str | None) -> None:
        """Put the rows of a first name into the truth; no change of name goes with it."""
        person.put(r.official_name(" ".join(given), last))
        if call is not None:
            since = r.day(max(person.born, date(1991, 1, 1)))
            person.put(r.name_row("KUTSUMANIMI", "NYKYINEN_KUTSUMANIMI", call, alkupv=since))

    def code(self, rng: Random, born: date, sex: str) -> str:
        """Return a new code; a few contradict the birth date or sex (contract §6)."""
        if rng.random() < _SHARE_CONTRADICTING:
            if rng.random() < 0.5:
                sex = "NAINEN" if sex == "MIES" else "MIES"
            else:
                born = date(1890, 1, 1) + timedelta(days=int(rng.random() * 40_000))
        return new_code(rng, born, sex, self.used)

    def person(self, rng: Random, number: int, born: date, household: int) -> Person:
        """Return a person with a code, a sex and a birth date, and nothing else yet."""
        sex = "MIES" if rng.random() < 0.5 else "NAINEN"
        person = Person(number, self.code(rng, born, sex), sex, born, household)
        person.put(
            r.single("SUKUPUOLI", sukupuoli=sex),
            r.single("SYNTYMAPAIVA", syntymapv=r.day(born)),
        )
        return person

    def settle(self, person: Person, address: r.Row, since: date) -> None:
        """Put a person's home into the truth: municipality, address, dwelling, book-keeping."""
        start = max(person.born, r.day_of(address, "alkupv"))
        own = {**address, "alkupv": r.day(start)}
        code = str(address["kuntakoodi"])
        person.put(own, r.dwelling(own), r.home(code, since), r.bookkeeping(code, since))


def describe(
    maker: Maker, rng: Random, person: Person, language: str, last: str, today: date
) -> None:
    """Put names, mother tongue, citizenship and civil status of a person into the truth."""
    given = maker.given_names(rng, person.sex)
    call = given[min(int(rng.random() * 1.2), len(given) - 1)]
    maker.name(person, given, last, call if rng.random() < 0.85 else None)
    age = person.age(today)
    status = "NAIMATON" if age < 18 or rng.random() < 0.5 else "AVIOLIITOSSA"
    if age > 75 and rng.random() < 0.4:
        status = "LESKI"
    person.put(r.single("SIVIILISAATY", siviilisaaty=status))
    put_language(maker.places, person, language, person.born)
    held = [r.citizenship(FINLAND)]
    if language in COUNTRY_OF_LANGUAGE and rng.random() < 0.6:
        held = [r.citizenship(COUNTRY_OF_LANGUAGE[language], person.born)]
    elif rng.random() < 0.02:
        held.append(r.citizenship("752", person.born))
    person.put(r.citizenships(held))


def put_language(places: Places, person: Person, code: str, since: date) -> None:
    """Put a mother tongue into the truth; 98 is the Finnish sign language here."""
    if code == "98":
        person.put(r.mother_tongue("98", "fse", since, "suomalainen viittomakieli"))
    else:
        person.put(r.mother_tongue(code, places.languages[code], since))


def _ages(rng: Random) -> list[int]:
    """Return the ages in one household, adults first."""
    kind = rng.random()
    if kind < 0.44:
        return [18 + int(78 * rng.random())]
    if kind < 0.74:
        first = 20 + int(70 * rng.random())
        return [first, max(19, first - 6 + int(12 * rng.random()))]
    parent = 24 + int(28 * rng.random())
    adults = [parent] if rng.random() < 0.2 else [parent, max(20, parent - 3)]
    children = 1 + int(3 * rng.random())
    return adults + [int(min(17, parent - 20) * rng.random()) for _ in range(children)]


def _history(maker: Maker, rng: Random, person: Person, since: date, foreign: bool) -> date:
    """Put earlier homes into the truth and return the start of the present one (contract §3.4)."""
    places = maker.anywhere
    if since <= person.born or (not foreign and rng.random() < 0.35):
        code = ABROAD if foreign else person.municipality
        person.put(r.single("SYNTYMAKOTIKUNTA", kuntakoodi=code))
        return max(person.born, since) if foreign else person.born
    first = ABROAD if foreign else places.draw(rng)
    person.put(r.single("SYNTYMAKOTIKUNTA", kuntakoodi=first))
    stays, begun = 1 + int(rng.random() ** 2 * 4), person.born
    for stay in range(stays):
        code = first if stay == 0 else places.draw(rng)
        left = (since - begun).days // (stays - stay) if stay < stays - 1 else (since - begun).days
        if left < 1:
            continue
        ended = begun + timedelta(days=left)
        person.add(r.former_home(code, begun, ended - timedelta(days=1)))
        begun = ended
    return begun


def _household(
    maker: Maker, rng: Random, household: int, number: int, homes: Weighted[str], today: date
) -> list[Person]:
    municipality, ages = homes.draw(rng), _ages(rng)
    language, last = LANGUAGES.draw(rng), maker.places.surnames.draw(rng)
    lived = int(365 * (ages[0] - 16) * rng.random() ** 2 * 0.6) + 20
    since = today - timedelta(days=lived)
    address = maker.address(rng, municipality, since + timedelta(days=int(lived * rng.random())))
    members = []
    for place, age in enumerate(ages):
        born = today - timedelta(days=int(age * 365.2425 + 364 * rng.random()) + 1)
        person = maker.person(rng, number + place, born, household)
        own = maker.places.surnames.draw(rng) if place == 1 and rng.random() < 0.4 else last
        describe(maker, rng, person, language, own, today)
        moved = max(born, since)
        maker.settle(person, address, moved)
        foreign = age >= 18 and language in COUNTRY_OF_LANGUAGE and rng.random() < 0.8
        start = _history(maker, rng, person, moved, foreign)
        person.put(r.home(municipality, start), r.bookkeeping(municipality, start))
        members.append(person)
    return members


def _extras(maker: Maker, rng: Random, person: Person, protected_share: float, day: date) -> None:
    """Give some persons a postal address, a protection order, or an inexact birth date."""
    person.is_protected = rng.random() < protected_share
    if person.is_protected:
        # Always with a postal address: lifting the order then names every row that it hid.
        order: dict[str, Any] = {"turvakieltoAktiivinen": True}
        if rng.random() < 0.8:
            order["turvaLoppuPv"] = r.day(day + timedelta(days=30 + int(rng.random() * 1500)))
        person.put(r.single("TURVAKIELTO", **order))
    if person.is_protected or rng.random() < 0.06:
        since = max(person.born, day - timedelta(days=10 + int(rng.random() * 3000)))
        person.put(maker.postal(rng, person.municipality, since))
    if rng.random() < 0.002:
        padded = {"arvo": person.born.replace(day=1).isoformat(), "tarkkuus": "KUUKAUSI"}
        person.put(r.single("SYNTYMAPAIVA", syntymapv=padded))


def first_population(
    maker: Maker, rng: Random, persons: int, protected_share: float, start: date
) -> list[Person]:
    """Return the persons of the first day: the area's residents, then those outside it."""
    made: list[Person] = []
    household = 0
    for homes, total in (
        (maker.inside, persons),
        (maker.outside, persons + round(persons * _SHARE_OUTSIDE)),
    ):
        while len(made) < total:
            members = _household(maker, rng, household, len(made), homes, start)
            made.extend(members[: total - len(made)])
            household += 1
    for person in made:
        _extras(maker, rng, person, protected_share, start)
    return made


def open_maker(places: Places, area: str, used: Collection[str] = ()) -> Maker:
    """Return a maker for a wellbeing area."""
    inside = places.area(area)
    outside = [code for code in places.municipalities if code not in inside]
    return Maker(
        places=places,
        area=inside,
        inside=places.weighted(inside),
        outside=places.weighted(outside),
        anywhere=places.weighted(places.municipalities),
        used=set(used),
    )
