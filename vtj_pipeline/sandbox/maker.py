"""Making one synthetic person: code, names, mother tongue, citizenships, earlier homes.

Add a fact that a person is born or arrives with here. Keep out who lives together (`population.py`)
and what happens later (`events/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.chance import Weighted, pick
from vtj_pipeline.sandbox.identity_codes import CodeBook
from vtj_pipeline.sandbox.names import given_names, surname
from vtj_pipeline.sandbox.person_state import (
    MAN,
    MONTH,
    WOMAN,
    Citizenship,
    Language,
    NameRecord,
    Person,
    Stay,
)
from vtj_pipeline.sandbox.reference_data import ABROAD, Reference

if TYPE_CHECKING:
    from random import Random

    from vtj_pipeline.sandbox.dwellings import Dwellings

FINLAND = "246"
STATELESS = "998"
LANGUAGES: Weighted[str] = Weighted(
    {
        "fi": 870, "sv": 50, "ru": 18, "et": 9, "ar": 8, "en": 6, "so": 5, "uk": 6, "fa": 4,
        "zh": 4, "ku": 3, "sq": 3, "vi": 3, "th": 2, "se": 1, "98": 2,
    }.items()
)  # fmt: skip
FOREIGN_LANGUAGES: Weighted[str] = Weighted(
    {"ru": 5, "uk": 5, "ar": 4, "en": 4, "et": 3, "so": 1, "fa": 2, "zh": 2, "vi": 2}.items()
)
COUNTRY_OF_LANGUAGE = {
    "ru": "643", "et": "233", "ar": "368", "en": "826", "so": "706", "uk": "804", "fa": "364",
    "zh": "156", "ku": "792", "sq": "008", "vi": "704", "th": "764",
}  # fmt: skip
OTHER_COUNTRIES = ("752", "276", "840", "643", "233", "578")
SIGN_LANGUAGE = "98"
_CONTRADICTING_SHARE = 0.004
_OLDEST_CALL_NAME = date(1970, 1, 1)


@dataclass
class Maker:
    """Makes persons out of the reference data; holds the codes issued and the houses built."""

    reference: Reference
    dwellings: Dwellings
    codes: CodeBook = field(default_factory=CodeBook)
    households: int = 0

    def household(self) -> int:
        """Return the number of a new household."""
        self.households += 1
        return self.households

    def code(self, rng: Random, born: date, sex: str) -> str:
        """Return a new code; a few contradict birth date or sex, as real ones do (contract §6)."""
        if rng.random() < _CONTRADICTING_SHARE:
            if rng.random() < 0.5:
                sex = WOMAN if sex == MAN else MAN
            else:
                born -= timedelta(days=1 + int(rng.random() * 9000))
        return self.codes.issue(rng, born, sex)

    def person(self, rng: Random, born: date, household: int, language: str) -> Person:
        """Return a person with a code, a sex, a birth date, a mother tongue and citizenships."""
        sex = MAN if rng.random() < 0.5 else WOMAN
        person = Person(self.code(rng, born, sex), sex, born, household)
        person.language = self.language(language, born)
        person.citizenships = self.citizenships(rng, language, born)
        return person

    def name(self, rng: Random, person: Person, last_name: str | None = None) -> None:
        """Give a person names; most have a call name that is one of the given names."""
        spoken = person.language.code if person.language is not None else "fi"
        person.first_names = given_names(rng, person.sex, person.born.year, spoken)
        person.last_name = last_name or surname(rng, spoken)
        if rng.random() < 0.3:
            person.name_since = person.born
        if rng.random() < 0.85:
            parts = person.first_names.split()
            call = parts[0] if rng.random() < 0.85 else pick(rng, parts)
            since = max(person.born, _OLDEST_CALL_NAME)
            person.call_name = NameRecord("NYKYINEN_KUTSUMANIMI", call, since)

    def language(self, code: str, since: date) -> Language:
        """Return a mother tongue; 98 is told as text, here the Finnish sign language."""
        if code == SIGN_LANGUAGE:
            return Language(code, "fse", "suomalainen viittomakieli", since)
        return Language(code, self.reference.languages[code], None, since)

    def citizenships(self, rng: Random, language: str, born: date) -> tuple[Citizenship, ...]:
        """Return the citizenships of a person with this mother tongue."""
        country = COUNTRY_OF_LANGUAGE.get(language)
        chance = rng.random()
        if country is None:
            if chance < 0.97:
                return (Citizenship(FINLAND),)
            return (Citizenship(FINLAND), Citizenship(pick(rng, OTHER_COUNTRIES), since=born))
        if chance < 0.03:
            return (Citizenship(STATELESS, "Kansalaisuudeton"),)
        if chance < 0.6:
            return (Citizenship(country, since=born),)
        granted = born + timedelta(days=365 + int(rng.random() * 2000))
        if chance < 0.85:
            return (Citizenship(FINLAND, since=granted), Citizenship(country, since=born))
        lost = Citizenship(country, None, is_active=False, since=born, until=granted)
        return (Citizenship(FINLAND, since=granted), lost)

    def stay(self, rng: Random, since: date, until: date) -> Stay:
        """Return an earlier stay somewhere, now and then in a municipality that has ceased."""
        if rng.random() < 0.08:
            former = pick(rng, tuple(self.reference.former))
            if until.isoformat() <= self.reference.former[former]:
                return Stay(former, since, until)
        return Stay(self.reference.countrywide.draw(rng), since, until)

    def history(self, rng: Random, person: Person) -> None:
        """Give a person contiguous earlier homes from birth to the present home (§3.4)."""
        home = person.home
        if home is None or home.since <= person.born:
            person.birth_municipality = None if home is None else home.municipality
            return
        days = (home.since - person.born).days
        cuts = sorted({1 + int(rng.random() * days) for _ in range(int(rng.random() ** 2 * 4))})
        starts = [person.born, *(person.born + timedelta(days=cut) for cut in cuts if cut < days)]
        ends = [start - timedelta(days=1) for start in (*starts[1:], home.since)]
        stays = [self.stay(rng, *span) for span in zip(starts, ends, strict=True)]
        if len(stays) > 1 and rng.random() < 0.06:
            stays[-1] = stays[-1]._replace(municipality=ABROAD)
        if rng.random() < 0.01 and stays[0].since.day == 1:
            stays[0] = stays[0]._replace(precision=MONTH)
        person.past_homes = tuple(stays)
        person.birth_municipality = stays[0].municipality

    def foreign_birth(self, rng: Random, person: Person, arrived: date) -> None:
        """Make a person one who was born abroad and came on a day (§8 #30)."""
        person.birth_municipality = ABROAD
        spoken = person.language.code if person.language is not None else ""
        person.birth_country = COUNTRY_OF_LANGUAGE.get(spoken, pick(rng, OTHER_COUNTRIES))
        person.arrived = arrived
        person.immigrated_from = person.birth_country
        if rng.random() < 0.03:
            person.born_precision = MONTH
