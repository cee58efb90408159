"""Marriages and registered partnerships: begun, ended, turned, corrected, removed (§3.7).

The civil status follows. Keep out changes of surname (`names.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.guardianship import codeless
from vtj_pipeline.sandbox.events.relations import context, tell_all
from vtj_pipeline.sandbox.family_state import CHURCH, CIVIL, FROM_PARTNERSHIP, UNKNOWN_WAY
from vtj_pipeline.sandbox.kinship import (
    ADULT,
    IN_MARRIAGE,
    IN_PARTNERSHIP,
    UNMARRIED,
    active_union,
    are_kin,
    birthday,
    find,
    in_scope,
    is_about,
    marry,
    siblings,
    snapshot,
)

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.events.relations import Told
    from vtj_pipeline.sandbox.family_state import Union
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

DIVORCED, WIDOWED = "ERONNUT", "LESKI"
LEFT_PARTNERSHIP = "ERONNUT_REKISTEROIDYSTA_PARISUHTEESTA"
WIDOWED_PARTNER = "LESKI_REKISTEROIDYN_PARISUHTEEN_JALKEEN"
_COUPLED = (IN_MARRIAGE, IN_PARTNERSHIP)
_WIDOWS = {WIDOWED: IN_MARRIAGE, WIDOWED_PARTNER: IN_PARTNERSHIP}
_MOST_YEARS_BETWEEN = 20
_SPOUSE_UNKNOWN_SHARE = 0.05


def _status_row(person: Person) -> Row:
    return r.single("SIVIILISAATY", siviilisaaty=person.civil_status)


def _is_free(world: World, person: Person) -> bool:
    free = person.civil_status not in _COUPLED
    return free and person.lives_in_finland and person.age(world.day) >= ADULT


def wedding(world: World) -> None:
    """Marry two residents, or a resident to somebody whom the register knows by name only."""
    person = world.pick(lambda p: _is_free(world, p) and world.in_area(p))
    if person is None:
        return
    if world.rng.random() < _SPOUSE_UNKNOWN_SHARE:
        couple = [(person, codeless(world.rng, world.day))]
    else:
        other = _partner(world, person)
        if other is None:
            return
        couple = [(person, snapshot(other)), (other, snapshot(person))]
    starts = [birthday(one.born, ADULT) for one, _ in couple]
    starts += [union.day for one, _ in couple for union in one.family.marriages]
    day = world.date_after(*starts)
    if day is None:
        return
    way = pick(world.rng, (CHURCH, CIVIL, CIVIL))
    told: Told = {}
    for one, stub in couple:
        made = marry(one, stub, day, way)
        told[one] = [
            r.said("LISATTY", f.marriage_row(made)),
            r.said("MUUTETTU", _status_row(one)),
        ]
    tell_all(world, told)


def _partner(world: World, person: Person) -> Person | None:
    def fits(other: Person) -> bool:
        years = abs(other.born.year - person.born.year)
        return (
            other is not person
            and years <= _MOST_YEARS_BETWEEN
            and _is_free(world, other)
            and not are_kin(world, person, other)
            and not siblings(world, person, other)
        )

    near = [one for one in world.households[person.household] if fits(one)]
    return near[0] if near and world.rng.random() < 0.8 else world.pick(fits)


def divorce(world: World) -> None:
    """End a marriage or a partnership of a resident by divorce."""
    person = world.pick(lambda p: p.civil_status in _COUPLED and world.in_area(p))
    if person is None:
        return
    sides = _sides(world, person)
    told: Told = {}
    for one, union, registered in sides:
        told[one] = _end(one, union, registered, LEFT_PARTNERSHIP if registered else DIVORCED)
    tell_all(world, told)


def _sides(world: World, person: Person) -> list[tuple[Person, Union, bool]]:
    """Return who is in a person's marriage or partnership, and whether it is the latter."""
    registered = person.civil_status == IN_PARTNERSHIP
    union = active_union(_unions(person, registered))
    if union is None:
        return []
    spouse = find(world, union.other)
    sides = [(person, union, registered)]
    if spouse is not None and spouse is not person:
        theirs = active_union(_unions(spouse, registered))
        if theirs is not None and is_about(world, theirs.other, person):
            sides.append((spouse, theirs, registered))
    return sides


def _unions(person: Person, registered: bool) -> tuple[Union, ...]:
    return person.family.partnerships if registered else person.family.marriages


def _swap(person: Person, old: Union, new: Union | None, registered: bool) -> None:
    changed = [new if one == old else one for one in _unions(person, registered)]
    kept = tuple(one for one in changed if one is not None)
    if registered:
        person.family = person.family._replace(partnerships=kept)
    else:
        person.family = person.family._replace(marriages=kept)


def _row(union: Union, registered: bool) -> Row:
    return f.partnership_row(union) if registered else f.marriage_row(union)


def _end(person: Person, union: Union, registered: bool, status: str) -> list[Row]:
    ended = union._replace(is_active=False)
    _swap(person, union, ended, registered)
    person.civil_status = status
    return [
        r.said("MUUTETTU", _row(ended, registered)),
        r.said("MUUTETTU", _status_row(person)),
    ]


def widowhood(world: World, dead: Person) -> None:
    """Tell the living spouse of somebody who died; of the dead only the death is told."""
    for one, union, registered in _sides(world, dead)[1:]:
        if one.is_alive:
            status = WIDOWED_PARTNER if registered else WIDOWED
            tell_all(world, {one: _end(one, union, registered, status)})


def widowhood_undone(world: World, living: Person) -> None:
    """Correct the widowed spouse's rows of somebody whose death was taken back."""
    registered = living.civil_status == IN_PARTNERSHIP
    union = active_union(_unions(living, registered))
    spouse = None if union is None else find(world, union.other)
    if union is None or spouse is None or spouse.civil_status not in _WIDOWS:
        return
    for old in _unions(spouse, registered):
        if old.day == union.day and not old.is_active and is_about(world, old.other, living):
            new = old._replace(is_active=True)
            rows = [r.said("KORJATTAVA", _row(old, registered))]
            rows.append(r.said("KORJATTU", _row(new, registered)))
            rows.append(r.said("KORJATTAVA", _status_row(spouse)))
            _swap(spouse, old, new, registered)
            spouse.civil_status = _WIDOWS[spouse.civil_status]
            rows.append(r.said("KORJATTU", _status_row(spouse)))
            tell_all(world, {spouse: rows})
            return


def turned(world: World) -> None:
    """Turn a registered partnership into a marriage."""
    person = world.pick(lambda p: p.civil_status == IN_PARTNERSHIP and world.in_area(p))
    sides = [] if person is None else _sides(world, person)
    day = world.date_after(*(union.day for _, union, _ in sides)) if sides else None
    if day is None:
        return
    told: Told = {}
    for one, union, _ in sides:
        ended = union._replace(is_active=False)
        _swap(one, union, ended, registered=True)
        made = marry(one, union.other, day, FROM_PARTNERSHIP)
        told[one] = [
            r.said("LISATTY", f.marriage_row(made)),
            r.said("MUUTETTU", f.partnership_row(ended)),
            r.said("MUUTETTU", _status_row(one)),
        ]
    tell_all(world, told)


def correction(world: World) -> None:
    """Correct the day or the way of a marriage; the pair is not always adjacent."""
    person = world.pick(lambda p: p.civil_status == IN_MARRIAGE and world.in_area(p))
    if person is None:
        return
    shift = timedelta(days=pick(world.rng, (-7, -1, 1)))
    change_day, apart = world.rng.random() < 0.6, world.rng.random() < 0.5
    told: Told = {}
    for one, old, registered in _sides(world, person):
        if change_day and old.day + shift <= world.day:
            new = old._replace(day=old.day + shift)
        else:
            new = old._replace(way=CHURCH if old.way == UNKNOWN_WAY else UNKNOWN_WAY)
        _swap(one, old, new, registered)
        told[one] = [
            r.said("KORJATTAVA", f.marriage_row(old)),
            *(context(one) if apart else []),
            r.said("KORJATTU", f.marriage_row(new)),
        ]
    tell_all(world, told)


def removal(world: World) -> None:
    """Remove a marriage that never was; the civil status is corrected to what was before."""
    person = world.pick(lambda p: p.civil_status == IN_MARRIAGE and world.in_area(p))
    sides = [] if person is None else _sides(world, person)
    if not sides or not in_scope(world, *(one for one, _, _ in sides)):
        return
    told: Told = {}
    for one, union, registered in sides:
        rows = [r.said("POISTETTU", f.marriage_row(union))]
        rows.append(r.said("KORJATTAVA", _status_row(one)))
        _swap(one, union, None, registered)
        one.civil_status = DIVORCED if one.family.marriages else UNMARRIED
        told[one] = [*rows, r.said("KORJATTU", _status_row(one))]
    tell_all(world, told)
