"""The smaller groups as kinds of facts: how each is read, written, made and told.

`records.py` begins, changes, corrects and removes them all in the same way. Add a group whose rows
stand alone here; where several groups change together, write an event of its own. Keep out chance
about what happens.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import residence_rows as res
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.abroad import ADDRESSES
from vtj_pipeline.sandbox.furnishing import FAITHS, INSTITUTION_KINDS, OCCUPATIONS, faith_row
from vtj_pipeline.sandbox.maker import LANGUAGES, OTHER_COUNTRIES
from vtj_pipeline.sandbox.person_state import MAN, WOMAN, Citizenship, Person, Stay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

ABSENCES = ("KOTIPAIKKA_POHJOISMAISSA", "KOTIPAIKKA_MUUALLA_KUIN_POHJOISMAISSA")
PLACES = ("Pietari", "Tukholma", "Tallinna", "Mogadishu", "Hampuri", "Bagdad")


class Kind(NamedTuple):
    """One group of which rows stand alone.

    Attributes:
        group: The group.
        make: Makes another value, or None where there is none; the old value if one is replaced.
        row: Shows a value.
        attribute: The attribute of `Person` that holds the value; None for a kept row.
        many: Whether somebody may have several.
        keyed: Fields that a MUUTETTU keeps: by them the row is recognised again.
        fixed: Whether the row is never removed.
        correctable_only: Whether there is no MUUTETTU: all its fields are its key.
        of_the_dead: Whether only the dead have it.
        empty: What the attribute holds where there is no value.
    """

    group: str
    make: Callable[[World, Person, Any], Any]
    row: Callable[[Any], Row]
    attribute: str | None = None
    many: bool = False
    keyed: tuple[str, ...] = ()
    fixed: bool = False
    correctable_only: bool = False
    of_the_dead: bool = False
    empty: Any = None

    def held(self, person: Person) -> Sequence[Any]:
        """Return the values that somebody has."""
        if self.attribute is None:
            return k.kept(person, self.group)
        value = getattr(person, self.attribute)
        return [] if value in (None, ()) else [value]

    def write(self, person: Person, old: Any, new: Any) -> None:
        """Replace a value; None stands for no value."""
        if self.attribute is not None:
            setattr(person, self.attribute, self.empty if new is None else new)
        elif old is None:
            k.keep(person, new)
        elif new is None:
            k.drop(person, old)
        else:
            k.swap(person, old, new)

    def collides(self, person: Person, old: Any, new: Any) -> bool:
        """Whether another row of the person has the key of the new one."""
        others = [one for one in self.held(person) if one != old]
        return self.many and any(self._key(one) == self._key(new) for one in others)

    def _key(self, row: Row) -> list[Any]:
        return [row.get(name) for name in self.keyed]


def _as_is(row: Row) -> Row:
    return row


def some_day(world: World, person: Person) -> date:
    """Return a day in somebody's life, the last years rather than the first."""
    lived = max((world.day - person.born).days, 0)
    return world.day - timedelta(days=int(world.rng.random() * min(lived, 3000)))


def _day(world: World, person: Person) -> Row:
    return r.partial(some_day(world, person))


def _ban(group: str) -> Callable[[World, Person, Any], Row]:
    def make(world: World, person: Person, _old: Any) -> Row:
        return _noisy(world, r.single(group, alkupv=_day(world, person)))

    return make


def _noisy(world: World, row: Row) -> Row:
    return world.furnisher.noise.fact(world.rng, row)


def _foreign_code(world: World, person: Person, _old: Any) -> Row:
    return world.furnisher.foreign_code(world.rng, person, pick(world.rng, OTHER_COUNTRIES))


def _declared_dead(world: World, person: Person, _old: Any) -> Row:
    # A death that a court has declared is not taken back as a mere mistake of the register.
    world.deaths = [one for one in world.deaths if one.person is not person]
    row = r.single(k.DECLARED_DEAD, kuollut=True, kuolleeksijulistamispv=_day(world, person))
    return _noisy(world, row)


def _service_language(world: World, person: Person, _old: Any) -> Row:
    return world.furnisher.service_language(world.rng, person)


def _occupation(world: World, _person: Person, _old: Any) -> Row:
    return r.single(k.OCCUPATION, ammatti=pick(world.rng, OCCUPATIONS))


def _foreign_postal(world: World, _person: Person, _old: Any) -> Row:
    country = pick(world.rng, tuple(ADDRESSES))
    row = r.single(
        k.FOREIGN_POSTAL,
        postiosoite=f"P.O. Box {1 + int(world.rng.random() * 900)}",
        postiosoiteLisarivi="c/o Virtanen",
        postitoimipaikka=ADDRESSES[country][1],
        valtiokoodi=country,
    )
    if world.rng.random() < 0.1:
        row.update(valtiokoodi="998", valtionimi="Kosovo")
    return _noisy(world, row)


def _email(world: World, person: Person, _old: Any) -> Row:
    return world.furnisher.email(world.rng, person)


def _year_end(world: World, _person: Person, _old: Any) -> Row:
    municipality = world.reference.countrywide.draw(world.rng)
    return world.furnisher.year_end(municipality, world.day.year - 1)


def _past_span(world: World, person: Person) -> tuple[date, date] | None:
    """Return a span of a year or less, long before anything that is told."""
    lived = (world.options.start - person.born).days - 30
    if lived < 400:
        return None
    since = person.born + timedelta(days=int(world.rng.random() * (lived - 370)))
    return since, since + timedelta(days=1 + int(world.rng.random() * 365))


def _past_dwelling(world: World, person: Person, _old: Any) -> Row | None:
    span = _past_span(world, person)
    if span is None:
        return None
    return res.bare_dwelling_row(world.reference.countrywide.draw(world.rng), *span)


def _past_institution(world: World, person: Person, _old: Any) -> Row | None:
    span = _past_span(world, person)
    if span is None:
        return None
    kind, unit = pick(world.rng, INSTITUTION_KINDS), 10 * (1 + int(world.rng.random() * 9))
    municipality = world.reference.countrywide.draw(world.rng)
    row = res.institution_row(k.PAST_INSTITUTION, municipality, kind, unit, span[0])
    return res.ended(row, span[1])


def _past_abroad(world: World, person: Person, _old: Any) -> Row | None:
    span = _past_span(world, person)
    if span is None:
        return None
    country = pick(world.rng, OTHER_COUNTRIES)
    return r.single(
        k.PAST_ABROAD,
        valtiokoodi=country,
        alkupv=r.partial(span[0]),
        loppupv=r.partial(span[1]),
        asuinpaikantunnus=f"200{country}00000000",
    )


def _faith_kind(world: World, _person: Person, _old: Any) -> Row:
    return world.furnisher.faith_kind(FAITHS.draw(world.rng))


def _faith(world: World, person: Person, _old: Any) -> Row:
    return _noisy(world, faith_row(world.rng, some_day(world, person)))


def _past_faith(world: World, person: Person, _old: Any) -> Row | None:
    span = _past_span(world, person)
    if span is None:
        return None
    row = faith_row(world.rng, span[0])
    return {**row, "tietoryhma": k.PAST_FAITH, "loppupv": r.partial(span[1])}


def _authority(world: World, _person: Person, _old: Any) -> Row:
    return world.furnisher.authority(pick(world.rng, (706, 777)))


def _sex(_world: World, _person: Person, old: str) -> str:
    return MAN if old == WOMAN else WOMAN


def _municipality(world: World, _person: Person, _old: Any) -> str:
    return world.reference.countrywide.draw(world.rng)


def _country(world: World, _person: Person, _old: Any) -> str:
    return pick(world.rng, OTHER_COUNTRIES)


def _birth_place(world: World, _person: Person, _old: Any) -> tuple[str, str | None]:
    place = pick(world.rng, PLACES) if world.rng.random() < 0.7 else None
    return pick(world.rng, ("246", *OTHER_COUNTRIES)), place


def _absence(world: World, person: Person, _old: Any) -> tuple[str, date]:
    return pick(world.rng, ABSENCES), some_day(world, person)


def _bookkeeping(world: World, person: Person, _old: Any) -> Stay:
    return Stay(world.reference.countrywide.draw(world.rng), some_day(world, person))


def _language(world: World, person: Person, _old: Any) -> Any:
    return world.maker.language(LANGUAGES.draw(world.rng), some_day(world, person))


def _citizenships(world: World, person: Person, _old: Any) -> tuple[Citizenship, ...]:
    country = pick(world.rng, ("246", *OTHER_COUNTRIES))
    return (Citizenship(country, since=some_day(world, person)),)


def _postal(world: World, person: Person, _old: Any) -> Any:
    closed = [one.until for one in person.past_postals if one.until is not None]
    day = max([some_day(world, person), *(until + timedelta(days=1) for until in closed)])
    if day > world.day:
        return None
    return world.maker.dwellings.postal(world.rng, str(person.municipality), day)


def _country_row(group: str) -> Callable[[str], Row]:
    return lambda country: r.single(group, valtiokoodi=country)


_TO, _FROM = "VALTIO_JOHON_MUUTTANUT", "VALTIO_JOSTA_MUUTTANUT"
_SPAN = ("alkupv", "kuntakoodi")
KINDS: tuple[Kind, ...] = (
    *(Kind(group, _ban(group), _as_is) for group in k.BANS),
    Kind(
        k.FOREIGN_CODE,
        _foreign_code,
        _as_is,
        many=True,
        keyed=("valtiokoodi", "ulkomainenHenkilotunnus"),
    ),
    Kind(k.DECLARED_DEAD, _declared_dead, _as_is, of_the_dead=True),
    Kind(k.SERVICE_LANGUAGE, _service_language, _as_is),
    Kind(k.OCCUPATION, _occupation, _as_is),
    Kind(k.FOREIGN_POSTAL, _foreign_postal, _as_is),
    Kind(k.EMAIL, _email, _as_is),
    Kind(k.YEAR_END, _year_end, _as_is, keyed=("vuodenvaihde",)),
    Kind(k.PAST_DWELLING, _past_dwelling, _as_is, many=True, keyed=_SPAN),
    Kind(
        k.PAST_INSTITUTION,
        _past_institution,
        _as_is,
        many=True,
        keyed=(*_SPAN, "lajikoodi", "numero", "laitos", "asuinpaikantunnus"),
    ),
    Kind(
        k.PAST_ABROAD,
        _past_abroad,
        _as_is,
        many=True,
        keyed=("alkupv", "valtiokoodi", "asuinpaikantunnus"),
    ),
    Kind(k.FAITH_KIND, _faith_kind, _as_is),
    Kind(k.FAITH, _faith, _as_is),
    Kind(k.PAST_FAITH, _past_faith, _as_is, many=True, keyed=("uskontokunta", "alkupv")),
    Kind(k.AUTHORITY, _authority, _as_is),
    Kind("SUKUPUOLI", _sex, lambda sex: r.single("SUKUPUOLI", sukupuoli=sex), "sex", fixed=True),
    Kind(
        "SYNTYMAKOTIKUNTA",
        _municipality,
        lambda code: r.single("SYNTYMAKOTIKUNTA", kuntakoodi=code),
        "birth_municipality",
    ),
    Kind(
        "ULKOMAINEN_SYNTYMAPAIKKA",
        _birth_place,
        lambda value: r.birth_place_row(*value),
        "birth_abroad",
    ),
    Kind(
        "SUOMEEN_MUUTTOPAIVA",
        lambda world, person, _old: some_day(world, person),
        lambda day: r.single("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=r.partial(day)),
        "arrived",
    ),
    Kind("POISSAOLO", _absence, lambda value: r.absence_row(*value), "absence"),
    Kind(_TO, _country, _country_row(_TO), "emigrated_to"),
    Kind(_FROM, _country, _country_row(_FROM), "immigrated_from"),
    Kind(r.BOOKKEEPING, _bookkeeping, r.bookkeeping_row, "bookkeeping"),
    Kind("AIDINKIELI", _language, r.language_row, "language", correctable_only=True),
    # Its row tells the list after the change (contract §3.1), so the whole of it is never removed.
    Kind(r.CITIZENSHIP, _citizenships, r.citizenship_row, "citizenships", empty=(), fixed=True),
    Kind(r.POSTAL, _postal, r.postal_row, "postal", correctable_only=True),
)
