"""Births, first names, deaths, and deaths that turn out not to be (contract §4.3).

Keep out changes of name (`names.py`) and corrected dates of death (`corrections.py`).
"""

from __future__ import annotations

from datetime import timedelta
from math import exp
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.family_details import birth_details
from vtj_pipeline.sandbox.events.marriage import widowhood, widowhood_undone
from vtj_pipeline.sandbox.events.moves import close_address
from vtj_pipeline.sandbox.family_state import OF_MARRIAGE, OUT_OF_MARRIAGE, Stub
from vtj_pipeline.sandbox.kinship import IN_MARRIAGE, are_kin, beget, guard, snapshot
from vtj_pipeline.sandbox.person_state import DAY, MAN, MONTH, WOMAN, Death, Stay
from vtj_pipeline.sandbox.world import Ending

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_CHILDBEARING = range(18, 45)
_BETWEEN_BIRTHS = timedelta(days=300)
_FIRST_NAMED_AFTER = timedelta(days=20)
_LAST_NAMED_AFTER = timedelta(days=60)
_CODE_ALONE_SHARE = 0.5


def birth(world: World) -> None:
    """Let a resident have a child, who is new to the register, and tell both parents."""
    mother = world.pick(lambda p: world.in_area(p) and _can_give_birth(world, p))
    if mother is None or mother.home is None or mother.address is None:
        return
    born = world.day - timedelta(days=int(world.rng.random() * 6))
    born = max(born, mother.home.since, mother.address.since)
    if born > world.day:
        return
    child = _child(world, mother, born)
    parents = [mother]
    father = _father(world, mother)
    if father is not None:
        parents.append(father)
    stub = Stub(child.code) if world.rng.random() < _CODE_ALONE_SHARE else snapshot(child)
    quality = OF_MARRIAGE if mother.civil_status == IN_MARRIAGE else OUT_OF_MARRIAGE
    for parent in parents:
        both = (snapshot(parent), stub)
        guard(parent, child, stubs=both)
        beget(parent, child, quality, stubs=both)
    world.add(child)
    world.tell_new(child)
    for parent in parents:
        _tell_parent(world, parent, child)


def _father(world: World, mother: Person) -> Person | None:
    """Return the man of the household; unmarried, he may have to be confirmed first."""
    for other in world.households[mother.household]:
        is_father = other.sex == MAN and other.age(world.day) >= 18 and other is not mother
        near = other.is_alive and other.municipality == mother.municipality
        if is_father and near and not are_kin(world, mother, other):
            married = mother.civil_status == other.civil_status == IN_MARRIAGE
            return other if married or world.rng.random() < 0.5 else None
    return None


def _tell_parent(world: World, parent: Person, child: Person) -> None:
    """Tell a birth on a parent: the ward, the child, and what its registration says."""
    told = f.guardianship_rows(f.DEPENDANT_GROUPS, parent.dependants[-1:])
    tie = parent.family.children[-1]
    for row in f.parenthood_rows(f.CHILD_GROUPS, [tie], of_child=True):
        narrow = row["tietoryhma"].endswith("_SUPPEA")
        told.append({**row, **f.narrow_change(tie)} if narrow else row)
    told.append(birth_details(parent, child))
    world.tell(parent, parent.municipality, [r.said("LISATTY", row) for row in told])


def _can_give_birth(world: World, person: Person) -> bool:
    if person.sex != WOMAN or person.age(world.day) not in _CHILDBEARING:
        return False
    latest = max((one.since for one in person.dependants), default=None)
    return latest is None or world.day - latest > _BETWEEN_BIRTHS


def _child(world: World, mother: Person, born: date) -> Person:
    language = "fi" if mother.language is None else mother.language.code
    child = world.maker.person(world.rng, born, mother.household, language)
    home = Stay(str(mother.municipality), born)
    child.home = child.bookkeeping = home
    child.birth_municipality = home.municipality
    if mother.address is not None:
        child.address = mother.address._replace(since=born)
    if mother.citizenships:
        child.citizenships = tuple(
            one._replace(since=None) for one in mother.citizenships if one.is_active
        )
    if mother.is_protected:
        child.protection = mother.protection
    if world.rng.random() < 0.2:
        world.maker.name(world.rng, child, mother.last_name)
    return child


def naming(world: World) -> None:
    """Give a newborn the first name."""
    due = [
        one
        for one in world.unnamed
        if one.is_alive and one.first_names is None and world.day - one.born > _FIRST_NAMED_AFTER
    ]
    world.unnamed = [one for one in world.unnamed if one.is_alive and one.first_names is None]
    if due:
        _name(world, pick(world.rng, due))


def overdue(world: World) -> list[Person]:
    """Return the newborns who must have a name by law."""
    return [
        one
        for one in world.unnamed
        if one.is_alive and one.first_names is None and world.day - one.born > _LAST_NAMED_AFTER
    ]


def name_overdue(world: World) -> None:
    """Name one newborn whose time is up."""
    due = overdue(world)
    if due:
        _name(world, due[0])


def _name(world: World, child: Person) -> None:
    last_names = [
        one.last_name for one in world.households[child.household] if one.last_name is not None
    ]
    world.maker.name(world.rng, child, pick(world.rng, last_names) if last_names else None)
    child.name_since = child.born
    row = r.name_row(str(child.first_names), str(child.last_name), child.name_since)
    rows = [r.said("LISATTY", row)]
    if child.call_name is not None:
        groups = (r.NAME_CHANGE, r.NAME_CHANGE_WIDE, r.CALL_NAME)
        rows += [r.said("LISATTY", r.name_record_row(g, child.call_name)) for g in groups]
    world.tell(child, child.municipality, rows)


def death(world: World) -> None:
    """Let a resident or an outsider die, the old rather than the young."""
    person = world.pick(
        lambda p: (
            p.lives_in_finland and world.rng.random() < min(1.0, exp((p.age(world.day) - 92) / 9.5))
        )
    )
    if person is None:
        return
    day = world.day - timedelta(days=int(world.rng.random() ** 2 * 12))
    day = max(day, *(start for start in _starts(person)))
    if day > world.day:
        return  # a move to come: nobody dies in advance
    chance = world.rng.random()
    if chance < 0.03:
        person.death = Death(is_dead=True)
    else:
        person.death = Death(is_dead=True, day=day, precision=MONTH if chance < 0.06 else DAY)
    before = person.municipality
    rows = [r.said("LISATTY", r.death_row(person.death))]
    world.deaths.append(Ending(person, person.home, person.address))
    if world.options.death == "closes-residence":
        rows += _close_residence(person, day)
    world.tell(person, before, rows)
    widowhood(world, person)


def _starts(person: Person) -> list[date]:
    starts = [person.born]
    if person.home is not None:
        starts.append(person.home.since)
    if person.address is not None:
        starts.append(person.address.since)
    return starts


def _close_residence(person: Person, day: date) -> list[Row]:
    """The optional rows of §9 #17; a protected person's masked row itself stays."""
    rows: list[Row] = []
    if person.home is not None:
        closed_home = person.home._replace(until=day)
        person.past_homes += (closed_home,)
        rows.append(r.said("LISATTY", r.past_home_row(closed_home)))
        rows.append(r.said("POISTETTU", r.home_row(person.home)))
        person.home = None
    closed = close_address(person, day)
    if closed is not None:
        rows.append(r.said("MUUTETTU", r.address_row(closed)))
        rows.append(r.said("MUUTETTU", r.dwelling_row(closed)))
    return rows


def death_undone(world: World) -> None:
    """Take back a death that was recorded lately."""
    if not world.deaths:
        return
    ending = world.deaths.pop(int(world.rng.random() * len(world.deaths)))
    person, before = ending.person, ending.person.municipality
    if person.death is None or not person.death.is_dead:
        return
    rows = [r.said("KORJATTAVA", r.death_row(person.death))]
    person.death = Death(is_dead=False)
    rows.append(r.said("KORJATTU", r.death_row(person.death)))
    if person.home is None and ending.home is not None:
        rows += _reopen(world, ending, ending.home)
    world.tell(person, before, rows)
    widowhood_undone(world, person)


def _reopen(world: World, ending: Ending, home: Stay) -> list[Row]:
    person = ending.person
    closed_home = person.past_homes[-1]
    person.home, person.past_homes = home, person.past_homes[:-1]
    rows = [
        r.said("LISATTY", world.home_row(home)),
        r.said("POISTETTU", r.past_home_row(closed_home)),
    ]
    if ending.address is not None:
        closed = person.past_addresses[-1]
        person.address, person.past_addresses = ending.address, person.past_addresses[:-1]
        rows += [
            r.said("KORJATTAVA", r.address_row(closed)),
            r.said("KORJATTU", r.address_row(ending.address)),
            r.said("KORJATTAVA", r.dwelling_row(closed)),
            r.said("KORJATTU", r.dwelling_row(ending.address)),
        ]
    return rows
