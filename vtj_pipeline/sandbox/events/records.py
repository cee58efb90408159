"""Whatever can happen to a row that stands alone: each `muutosattribuutti` of contract §4.1.

The groups are in `kinds.py`. Keep out groups that change together.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.events.kinds import KINDS, Kind
from vtj_pipeline.sandbox.residence_rows import begun

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

_NEW_SHARE = 0.3


def record_change(world: World) -> None:
    """Let something happen to one row of one of the smaller groups of a resident."""
    kind = pick(world.rng, KINDS)
    holder = None
    if world.rng.random() > _NEW_SHARE:
        holder = world.pick(lambda p: _concerned(world, kind, p) and bool(kind.held(p)))
    person = holder or world.pick(lambda p: _concerned(world, kind, p))
    if person is not None:
        _tell(world, person, change_of(world, person, kind))


def context(world: World) -> None:
    """Tell some rows of a resident that did not change: LISATIETO of any group at all."""
    person = world.pick(world.in_area)
    if person is None:
        return
    known = [
        row for row in world.rows_of(person, censored=False) if row["tietoryhma"] != r.BOOKKEEPING
    ]
    chosen = [pick(world.rng, known) for _ in range(1 + int(world.rng.random() * 3))]
    world.tell(person, person.municipality, [r.said("LISATIETO", row) for row in chosen])


def _concerned(world: World, kind: Kind, person: Person) -> bool:
    if kind.group == r.BOOKKEEPING and person.is_protected:
        return False
    if kind.of_the_dead:
        return not person.is_alive and person.municipality in world.area
    return world.in_area(person)


def change_of(world: World, person: Person, kind: Kind) -> list[Row]:
    """Let something happen to the rows of one kind of one person; return the rows that tell it."""
    held = kind.held(person)
    old = pick(world.rng, held) if held else None
    chance = world.rng.random()
    if old is None or (kind.many and chance < 0.2):
        return _begun(world, person, kind)
    if chance < 0.35 and not kind.correctable_only:
        return _changed(world, person, kind, old)
    if chance < 0.5 and not kind.fixed:
        kind.write(person, old, None)
        standing = [kind.row(one) for one in kind.held(person)] if kind.many else []
        return [r.said("POISTETTU", kind.row(old), standing)]
    if chance < 0.6:
        return [r.said("LISATIETO", kind.row(old))]
    return _corrected(world, person, kind, old)


def _begun(world: World, person: Person, kind: Kind) -> list[Row]:
    new = kind.make(world, person, None)
    if new is None or kind.collides(person, None, new):
        return []
    kind.write(person, None, new)
    return [r.said("LISATTY", kind.row(new))]


def _changed(world: World, person: Person, kind: Kind, old: Any) -> list[Row]:
    new = kind.make(world, person, old)
    if new is None:
        return []
    if kind.attribute is None:
        new = {**new, **{name: old[name] for name in kind.keyed if name in old}}
        new = {name: value for name, value in new.items() if name not in kind.keyed or name in old}
        if "loppupv" in old:
            new["loppupv"] = _sooner(old)
    if new == old:
        return []
    kind.write(person, old, new)
    return [r.said("MUUTETTU", kind.row(new))]


def _sooner(row: Row) -> Row:
    """Return an end one day earlier, if that is not before the start."""
    end = date.fromisoformat(row["loppupv"]["arvo"])
    first = begun(row) if "alkupv" in row else end
    return r.partial(max(first, end - timedelta(days=1)))


def _corrected(world: World, person: Person, kind: Kind, old: Any) -> list[Row]:
    """Tell the wrong row and the right one, half of the time with other rows between them."""
    new = kind.make(world, person, old)
    if new is None or new == old or kind.collides(person, old, new):
        return []
    kind.write(person, old, new)
    between = []
    if world.rng.random() < 0.5:
        between = _context(person, kind)
    wrong, right = r.said("KORJATTAVA", kind.row(old)), r.said("KORJATTU", kind.row(new))
    return [wrong, *between, right]


def _context(person: Person, kind: Kind) -> list[Row]:
    """Return a row about something else that did not change."""
    if kind.group == "SUKUPUOLI":
        return [r.said("LISATIETO", r.birth_row(person.born, person.born_precision))]
    return [r.said("LISATIETO", r.single("SUKUPUOLI", sukupuoli=person.sex))]


def _tell(world: World, person: Person, rows: list[Row]) -> None:
    if rows:
        world.tell(person, person.municipality, rows)
