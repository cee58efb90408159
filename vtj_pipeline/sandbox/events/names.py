"""Changes of given names, surname and call name (contract §4.3).

Keep out a newborn's first name (`family.py`) and corrected spellings (`corrections.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.names import given_names, surname
from vtj_pipeline.sandbox.person_state import NameRecord

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World


def _is_named(person: Person) -> bool:
    return person.lives_in_finland and person.first_names is not None


def given_name_change(world: World) -> None:
    """Change somebody's given names; the call name stays one of them."""
    person = world.pick(_is_named)
    since = None if person is None else world.date_after(person.name_since, person.born)
    if person is None or since is None or person.first_names is None:
        return
    spoken = "fi" if person.language is None else person.language.code
    new = given_names(world.rng, person.sex, person.born.year, spoken).split()
    if person.call_name is not None:
        new[-1] = person.call_name.name
    names, old = " ".join(dict.fromkeys(new)), person.first_names
    if names == old:
        return
    way = "ETUNIMEN_MUUTOS_HAKEMUKSELLA"
    rows = _change(person, old, NameRecord("NYKYINEN_ETUNIMI", names, since, None, way))
    person.first_names = names
    _tell(world, person, since, rows)


def surname_change(world: World) -> None:
    """Change somebody's surname."""
    person = world.pick(lambda p: _is_named(p) and p.last_name is not None)
    since = None if person is None else world.date_after(person.name_since, person.born)
    if person is None or since is None or person.last_name is None:
        return
    spoken = "fi" if person.language is None else person.language.code
    name, old = surname(world.rng, spoken), person.last_name
    if name == old:
        return
    way = "NIMENMUUTOS_ULKOMAILLA" if world.rng.random() < 0.05 else None
    rows = _change(person, old, NameRecord("NYKYINEN_SUKUNIMI", name, since, None, way))
    person.last_name = name
    _tell(world, person, since, rows)


def _change(person: Person, old: str, opened: NameRecord) -> list[Row]:
    """Replace the present record by the new one and the former one; return their rows."""
    former = opened.kind.replace("NYKYINEN", "EDELLINEN")
    begun = next((one.since for one in person.name_records if one.kind == opened.kind), None)
    closed = NameRecord(former, old, begun, opened.since)
    kept = tuple(one for one in person.name_records if one.kind != opened.kind)
    person.name_records = (opened, *kept, closed)
    return [
        row
        for group in (r.NAME_CHANGE, r.NAME_CHANGE_WIDE)
        for row in (
            r.said("LISATTY", r.name_record_row(group, opened)),
            r.said("MUUTETTU", r.name_record_row(group, closed)),
        )
    ]


def _tell(world: World, person: Person, since: date, rows: list[Row]) -> None:
    person.name_since = since
    row = r.name_row(str(person.first_names), str(person.last_name), since)
    world.tell(person, person.municipality, [r.said("MUUTETTU", row), *rows])


def call_name_change(world: World) -> None:
    """Make another of somebody's given names the call name; HENKILON_NIMI is not told."""
    person = world.pick(_is_named)
    if person is None or person.first_names is None:
        return
    old = person.call_name
    others = [n for n in person.first_names.split() if old is None or n != old.name]
    since = world.date_after(None if old is None else old.since, person.born)
    if not others or since is None:
        return
    new = NameRecord(
        "NYKYINEN_KUTSUMANIMI", pick(world.rng, others), since, None, "KUTSUMANIMEN_MUUTOS"
    )
    closed = None
    if old is not None:
        closed = NameRecord("EDELLINEN_KUTSUMANIMI", old.name, old.since, since)
        person.name_records += (closed,)
    person.call_name = new
    rows = []
    for group in (r.NAME_CHANGE, r.NAME_CHANGE_WIDE, r.CALL_NAME):
        rows.append(r.said("LISATTY", r.name_record_row(group, new)))
        if closed is not None:
            rows.append(r.said("MUUTETTU", r.name_record_row(group, closed)))
    world.tell(person, person.municipality, rows)
