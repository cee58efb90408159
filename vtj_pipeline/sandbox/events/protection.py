"""Orders of non-disclosure, begun and ended for a whole household (contract §4.3, §7).

Keep out the masks themselves (`masking.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.basic_data import location_rows
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.masking import LOCATION_GROUPS, mask
from vtj_pipeline.sandbox.person_state import Protection

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_MASKED_WITH = {"all": LOCATION_GROUPS, "address-only": (r.ADDRESS,), "flag-only": ()}


def protection_on(world: World) -> None:
    """Grant a household an order, most often for a time."""
    person = world.pick(lambda p: world.in_area(p) and not p.is_protected)
    if person is None:
        return
    ends = None
    if world.rng.random() < 0.8:
        ends = world.day + timedelta(days=365 * (1 + int(world.rng.random() * 5)))
    for one in world.households[person.household]:
        if world.in_area(one) and not one.is_protected:
            _begin(world, one, Protection(is_active=True, ends=ends))


def _begin(world: World, person: Person, protection: Protection) -> None:
    person.protection = protection
    world.protected.append(person)
    rows = [r.said("LISATTY", r.protection_row(protection))]
    masks = [r.said("MUUTETTU", mask(g)) for g in _MASKED_WITH[world.options.protection_on]]
    world.tell(person, person.municipality, rows, censored=[*rows, *masks])


def protection_removed(world: World) -> None:
    """Remove the order of a household as one that never was."""
    person = world.pick(lambda p: world.in_area(p) and p.is_protected)
    if person is None:
        return
    for one in world.households[person.household]:
        old = one.protection
        if old is not None and one.is_protected and world.in_area(one):
            one.protection = None
            _tell_open(world, one, [r.said("POISTETTU", r.protection_row(old))])


def protection_change(world: World) -> None:
    """Prolong the order of a household, or correct its planned end."""
    person = world.pick(lambda p: world.in_area(p) and p.is_protected)
    if person is None:
        return
    ends = world.day + timedelta(days=100 + int(world.rng.random() * 1500))
    is_wrong = world.rng.random() < 0.5
    for one in world.households[person.household]:
        old = one.protection
        if old is None or not one.is_protected or not world.in_area(one):
            continue
        one.protection = old._replace(ends=ends)
        new = r.protection_row(one.protection)
        rows = [r.said("MUUTETTU", new)]
        if is_wrong:
            rows = [r.said("KORJATTAVA", r.protection_row(old)), r.said("KORJATTU", new)]
        world.tell(one, one.municipality, rows)


def protection_off(world: World) -> None:
    """End the order of a household."""
    world.protected = [p for p in world.protected if p.is_protected and p.is_alive]
    protected = [person for person in world.protected if world.in_area(person)]
    if not protected:
        return
    chosen = pick(world.rng, protected)
    for one in list(world.households[chosen.household]):
        if one.is_protected and world.in_area(one):
            _end(world, one, world.day)


def expired(world: World) -> None:
    """Tell the end of orders whose planned end has passed (§9 #13)."""
    for person in list(world.protected):
        ends = None if person.protection is None else person.protection.ends
        if person.is_protected and ends is not None and ends < world.day:
            _end(world, person, ends)


def _end(world: World, person: Person, day: date) -> None:
    """Tell the rows of §4.3, and by option whatever else the order hid."""
    person.protection = Protection(is_active=False, ends=day)
    _tell_open(world, person, [r.said("MUUTETTU", r.protection_row(person.protection))])


def _tell_open(world: World, person: Person, rows: list[Row]) -> None:
    """Tell these rows about the order, then what is no longer hidden."""
    both = world.options.duplicate_move_date
    held = {row["tietoryhma"]: row for row in location_rows(person, both_spellings=both)}
    if r.ADDRESS in held:
        rows.append(r.said("MUUTETTU", held[r.ADDRESS]))
    if person.home is not None:
        rows.append(r.said("LISATIETO", world.home_row(person.home)))
    if not world.options.protection_off_restores:
        world.tell(person, person.municipality, rows)
        return
    rows += [r.said("MUUTETTU", row) for group, row in held.items() if group != r.ADDRESS]
    if person.bookkeeping is not None:
        rows.append(r.said("MUUTETTU", r.bookkeeping_row(person.bookkeeping)))
    bare = [r.said("POISTETTU", mask(g)) for g in LOCATION_GROUPS if g not in held]
    world.tell(person, person.municipality, rows, censored=[*rows, *bare])
