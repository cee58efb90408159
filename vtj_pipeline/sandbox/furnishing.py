"""What a person of the first population has in the smaller groups, and what newcomers get.

Chance comes from a generator of its own, so that the first population stays what it is. Rows that
many people have are made once and shared. Add a smaller group that exists from the beginning here;
keep out how it changes (`events/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import residence_rows as res
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import Weighted, pick, seeded
from vtj_pipeline.sandbox.noise import FactNoise
from vtj_pipeline.sandbox.person_state import Address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from vtj_pipeline.sandbox.dwellings import Dwellings
    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.reference_data import Reference
    from vtj_pipeline.sandbox.rows import Row

LUTHERAN, ORTHODOX, NONE = "EV_LUT", "ORT", "EI_USKONTOKUNTAA"
FAITHS: Weighted[str] = Weighted(
    {LUTHERAN: 62, NONE: 35, ORTHODOX: 1, "REK_USK": 1, "SAKSALAINEN_SRK": 0.1, "OLAUS_PETRI": 0.1}
    .items()
)  # fmt: skip
OCCUPATIONS = ("opettaja", "sairaanhoitaja", "maanviljelijä", "ohjelmistokehittäjä", "merimies")
MAIL_KINDS = ("MAISTRAATTI", "OMA_ILMOITUS")
INSTITUTION_KINDS = (901, 902, 904)
_BAN_SHARE = 0.05
_STILL = timedelta(days=1)


@dataclass
class Furnisher:
    """Gives people their smaller facts."""

    reference: Reference
    dwellings: Dwellings
    options: SandboxOptions
    _shared: dict[tuple[object, ...], Row] = field(default_factory=dict)

    @cached_property
    def noise(self) -> FactNoise:
        """The noise in facts that the options want."""
        options = self.options
        return FactNoise(
            options.rough_dates,
            options.unknown_codes,
            options.unknown_dates,
            keeps_day=options.rough_padding == "kept",
        )

    def first(self, people: Iterable[Person]) -> None:
        """Give the first population what it has on the first day."""
        rng = seeded(self.options.seed, "furnishing")
        for person in people:
            if person.language is not None:
                person.kept = tuple(self._usual(rng, person) + self._unusual(rng, person))

    def newcomer(self, rng: Random, person: Person) -> None:
        """Give a newborn or an immigrant what every new person has."""
        person.kept = (self.faith_kind(FAITHS.draw(rng)), self.authority(706))

    def faith_kind(self, kind: str) -> Row:
        """Return USKONTOKUNTALAJI."""
        return self._same(k.FAITH_KIND, uskontokuntalaji=kind)

    def authority(self, number: int) -> Row:
        """Return REKISTERIVIRANOMAINEN."""
        return self._same(k.AUTHORITY, viranomaisnumero=number)

    def year_end(self, municipality: str, year: int) -> Row:
        """Return VUODENVAIHTEEN_KUNTA."""
        return self._same(k.YEAR_END, kuntakoodi=municipality, vuodenvaihde=year)

    def _same(self, group: str, **fields: str | int) -> Row:
        name = (group, *fields.values())
        if name not in self._shared:
            self._shared[name] = r.single(group, **fields)
        return self._shared[name]

    def _usual(self, rng: Random, person: Person) -> list[Row]:
        found = [self.authority(706)]
        kind = FAITHS.draw(rng)
        if rng.random() < 0.95:
            found.append(self.faith_kind(kind))
        new_year = date(self.options.start.year - 1, 12, 31)
        if person.home is not None and person.home.since <= new_year:
            found.append(self.year_end(person.home.municipality, new_year.year))
        if kind in (LUTHERAN, ORTHODOX) and rng.random() < 0.1:
            found.append(self.noise.fact(rng, faith_row(rng, person.born)))
        return found

    def _unusual(self, rng: Random, person: Person) -> list[Row]:
        """Return rows that few have; each draw decides about one group."""
        found = []
        if rng.random() < _BAN_SHARE:
            found.append(self.dated(rng, pick(rng, k.BANS), person))
        if rng.random() < 0.03:
            found.append(r.single(k.OCCUPATION, ammatti=pick(rng, OCCUPATIONS)))
        if rng.random() < 0.03:
            found.append(self.service_language(rng, person))
        if rng.random() < 0.02:
            found.append(self.email(rng, person))
        if person.birth_country is not None and rng.random() < 0.2:
            found.append(self.foreign_code(rng, person, person.birth_country))
        return found + self._places(rng, person)

    def _places(self, rng: Random, person: Person) -> list[Row]:
        """Return where somebody lived before, or stays for a time."""
        found: list[Row] = []
        start = self.options.start
        if person.past_homes and rng.random() < 0.25:
            found += self._past_dwellings(rng, person)
        if person.home is not None and rng.random() < 0.01:
            since = start - timedelta(days=20 + int(rng.random() * 300))
            if since > person.born:
                dwelling = self.dwellings.empty(rng, self.reference.countrywide.draw(rng))
                found += res.temporary_rows(Address(dwelling, since), person.municipality)
        if person.home is not None and rng.random() < 0.002:
            found.append(self._past_institution(rng, person, start))
        return found

    def dated(self, rng: Random, group: str, person: Person) -> Row:
        """Return a row with nothing but its start, as the bans have."""
        return self.noise.fact(rng, r.single(group, alkupv=self._some_day(rng, person)))

    def service_language(self, rng: Random, person: Person) -> Row:
        """Return ASIOINTIKIELI."""
        code = "sv" if rng.random() < 0.3 else "fi"
        row = r.single(
            k.SERVICE_LANGUAGE,
            kielikoodi=code,
            kielikoodiISO6392=self.reference.languages[code],
            alkupv=self._some_day(rng, person),
        )
        return self.noise.fact(rng, row)

    def email(self, rng: Random, person: Person) -> Row:
        """Return SAHKOPOSTIOSOITE of a domain that cannot exist."""
        row = r.single(
            k.EMAIL,
            sahkopostiosoite=f"henkilo{int(rng.random() * 1_000_000)}@esimerkki.invalid",
            lajikoodi=pick(rng, MAIL_KINDS),
            alkupv=self._some_day(rng, person),
        )
        return self.noise.fact(rng, row)

    def foreign_code(self, rng: Random, person: Person, country: str) -> Row:
        """Return ULKOMAINEN_HENKILOTUNNUS."""
        since = self._some_day(rng, person)
        row = r.single(
            k.FOREIGN_CODE,
            ulkomainenHenkilotunnus=f"T{int(rng.random() * 10**8):08d}",
            sukupuoli=person.sex,
            valtiokoodi=country,
            tietolahde="HENKILO_ITSE",
            voimassaolo="AKTIIVI",
            vtjTallennuspv=since,
            vtjVoimassaolo="PARAS_TIEDOSSA_OLEVA",
        )
        if rng.random() < 0.5:
            row["antopv"] = since
        return self.noise.fact(rng, row)

    def _some_day(self, rng: Random, person: Person) -> Row:
        lived = (self.options.start - person.born).days
        back = int(rng.random() * min(max(lived, 0), 6000))
        return r.partial(max(person.born, self.options.start - timedelta(days=back)))

    def _past_dwellings(self, rng: Random, person: Person) -> list[Row]:
        """Return what is known of the dwellings in earlier homes; of the older ones least."""
        found = []
        for stay in person.past_homes[-7:]:
            if stay.until is None or stay.municipality not in self.reference.municipalities:
                continue
            if rng.random() < 0.6:
                found.append(res.bare_dwelling_row(stay.municipality, stay.since, stay.until))
            else:
                dwelling = self.dwellings.empty(rng, stay.municipality)
                found.append(res.past_dwelling_row(Address(dwelling, stay.since, stay.until)))
        return found

    def _past_institution(self, rng: Random, person: Person, start: date) -> Row:
        since = max(person.born, start - timedelta(days=4000 + int(rng.random() * 3000)))
        municipality = self.reference.countrywide.draw(rng)
        row = res.institution_row(
            k.PAST_INSTITUTION, municipality, pick(rng, INSTITUTION_KINDS), 10, since
        )
        return res.ended(row, since + timedelta(days=30) - _STILL)


def faith_row(rng: Random, since: date | None) -> Row:
    """Return USKONTOKUNTA, now and then without a start (contract §8 #6)."""
    row = r.single(k.FAITH, uskontokunta=1000 + int(rng.random() * 500))
    if since is not None and rng.random() < 0.8:
        row["alkupv"] = r.partial(since)
    return row
