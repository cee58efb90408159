"""Changes of mother tongue, citizenship and personal identity code (contract §4.3, §4.5).

Keep out protection orders (`protection.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.basic_data import code_rows
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.maker import FINLAND, LANGUAGES, OTHER_COUNTRIES
from vtj_pipeline.sandbox.person_state import DAY, MAN, WOMAN, Citizenship

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World


def language_change(world: World) -> None:
    """Let a resident declare another mother tongue."""
    person = world.pick(lambda p: world.in_area(p) and p.language is not None)
    old = None if person is None else person.language
    since = None if old is None else world.date_after(old.since)
    if person is None or old is None or since is None:
        return
    code = LANGUAGES.draw(world.rng)
    if code == old.code:
        code = "sv" if old.code == "fi" else "fi"
    person.language = world.maker.language(code, since)
    new = r.language_row(person.language)
    rows = [
        r.said("LISATTY", new),
        r.said("POISTETTU", r.language_row(old._replace(until=since)), [new]),
    ]
    world.tell(person, person.municipality, rows)


def citizenship_change(world: World) -> None:
    """Grant, end, correct or remove a citizenship of a resident."""
    person = world.pick(lambda p: world.in_area(p) and bool(p.citizenships))
    if person is None:
        return
    active = [one for one in person.citizenships if one.is_active]
    chance = world.rng.random()
    if not any(one.country == FINLAND for one in active):
        _grant(world, person, FINLAND)
    elif len(active) > 1 and chance < 0.4:
        _end(world, person, active[-1])
    elif len(active) > 1 and chance < 0.6:
        removed = active[-1]
        person.citizenships = tuple(one for one in person.citizenships if one != removed)
        _tell_citizenship(world, person, poistetutKansalaisuudet=[removed])
    elif chance < 0.75:
        _correct(world, person, active[0])
    else:
        _grant(world, person, pick(world.rng, OTHER_COUNTRIES))


def _grant(world: World, person: Person, country: str) -> None:
    since = world.date_after(person.born, *(one.until for one in person.citizenships))
    if since is None or any(one.country == country for one in person.citizenships):
        return
    new = Citizenship(country, since=since)
    kept = list(person.citizenships)
    deltas: dict[str, list[Citizenship]] = {"lisatytKansalaisuudet": [new]}
    if kept[-1].is_active and kept[-1].country != FINLAND and world.rng.random() < 0.3:
        kept[-1] = kept[-1]._replace(is_active=False, until=since)
        deltas["muutetutKansalaisuudet"] = [kept[-1]]
    person.citizenships = (new, *kept)
    _tell_citizenship(world, person, **deltas)


def _end(world: World, person: Person, old: Citizenship) -> None:
    until = world.date_after(person.born, old.since)
    if until is None:
        return
    closed = old._replace(is_active=False, until=until)
    person.citizenships = tuple(closed if one == old else one for one in person.citizenships)
    _tell_citizenship(world, person, muutetutKansalaisuudet=[closed])


def _correct(world: World, person: Person, old: Citizenship) -> None:
    right = old._replace(since=person.born + timedelta(days=int(world.rng.random() * 3)))
    if right == old or right.since is None or right.since > world.day:
        return
    person.citizenships = tuple(right if one == old else one for one in person.citizenships)
    _tell_citizenship(
        world, person, korjattavatKansalaisuudet=[old], korjatutKansalaisuudet=[right]
    )


def _tell_citizenship(world: World, person: Person, **deltas: list[Citizenship]) -> None:
    """Tell the whole list and what changed, now and then with rows that did not (§4.2 #5)."""
    rows: list[Row] = [r.said("MUUTETTU", r.citizenship_row(person.citizenships, **deltas))]
    if person.bookkeeping is not None and world.rng.random() < 0.5:
        rows.append(r.said("MUUTETTU", r.bookkeeping_row(person.bookkeeping)))
    world.tell(person, person.municipality, rows)


def code_change(world: World) -> None:
    """Replace somebody's code because the birth date or the sex in it was wrong (case A)."""
    person = world.pick(lambda p: world.in_area(p) and not k.kept(p, k.CODE_HISTORY))
    if person is not None:
        change_code(world, person)


def change_code(world: World, person: Person) -> None:
    """Give a person a new code and tell it under the old one."""
    old = person.code
    sex_changes = world.rng.random() < 0.4
    if sex_changes:
        person.sex = WOMAN if person.sex == MAN else MAN
    else:
        person.born -= timedelta(days=1 + int(world.rng.random() * 400))
        person.born_precision = DAY
    person.code = world.maker.codes.issue(world.rng, person.born, person.sex)
    person.old_codes += (old,)
    del world.by_code[old]
    world.by_code[person.code], world.by_old_code[old] = person, person
    new, *passive = code_rows(person)
    rows = [r.said("LISATTY", new), *(r.said("MUUTETTU", row) for row in passive)]
    if sex_changes:
        rows.append(r.said("MUUTETTU", r.single("SUKUPUOLI", sukupuoli=person.sex)))
    if person.first_names is not None and person.last_name is not None:
        name = r.name_row(person.first_names, person.last_name, person.name_since)
        rows.append(r.said("LISATIETO", name))
    rows.append(r.said("MUUTETTU", r.birth_row(person.born, person.born_precision)))
    world.tell(person, person.municipality, rows, code=old)
