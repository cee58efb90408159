"""Statistics counted a second time, from what the sandbox's persons lived; no SQL, no register.

`Witness` stands beside a sandbox and writes down each person as the sandbox's truth has them
whenever the area's product is told of them. `Account` is what was known at one moment, in one
division of municipalities, and counts it with pandas. Keep out the views.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox.person_state import DAY as EXACT
from vtj_pipeline.sandbox.person_state import Person
from vtj_pipeline.sandbox.world import World

OUTSIDE = ("198", "199", "200")
NEVER = date(9999, 1, 1)
_DAY = timedelta(days=1)
MOVES = ("between_municipalities", "immigration", "emigration")


class Spell(NamedTuple):
    """Somebody lives in one municipality (or outside Finland), from a day until before another."""

    place: str
    begins: date
    ends: date


class Facts(NamedTuple):
    """A person as told on a day.

    Attributes:
        stands_since: First days of addresses whose building is that of the address before: whoever
            changes municipality on one of them did not move.
    """

    person: int
    sex: str
    born: date
    born_abroad: bool
    died: date | None
    is_protected: bool
    spells: tuple[Spell, ...]
    stands_since: frozenset[date]


@dataclass
class Witness:
    """What was told, in order; `told` holds the day of telling."""

    sandbox: Sandbox
    told: list[tuple[date, Facts]] = field(default_factory=list)
    _dateless: dict[int, date] = field(default_factory=dict)

    @classmethod
    def beside(cls, sandbox: Sandbox) -> Witness:
        """A witness of a sandbox from now on, who knows everybody that the baseline tells of."""
        witness, world = cls(sandbox), sandbox.world
        for person in world.people:
            if person.municipality in world.area:
                witness.hear(world, person)
        tell = world.tell

        def heard(person: Person, before: str | None, *rows: Any, **more: Any) -> None:
            tell(person, before, *rows, **more)
            if {before, person.municipality} & world.area:
                witness.hear(world, person)

        world.tell = heard  # type: ignore[method-assign]
        return witness

    def hear(self, world: World, person: Person) -> None:
        """Write down a person as they are."""
        self.told.append((world.day, self._facts(world, person)))

    def _facts(self, world: World, person: Person) -> Facts:
        exact = person.born_precision == EXACT
        return Facts(
            person=id(person),
            sex=person.sex,
            born=person.born if exact else person.born.replace(day=1),
            born_abroad=person.birth_municipality == "200",
            died=self._died(world, person),
            is_protected=person.is_protected,
            spells=tuple(_spells(person)),
            stands_since=frozenset(_same_building(person)),
        )

    def _died(self, world: World, person: Person) -> date | None:
        """The day of death, else the one that a court set, else the day it was first told."""
        declared = k.kept(person, k.DECLARED_DEAD)
        if person.is_alive and not declared:
            self._dateless.pop(id(person), None)
            return None
        death = person.death
        if death is not None and death.is_dead and death.day is not None:
            return death.day if death.precision == EXACT else death.day.replace(day=1)
        for row in declared:
            return date.fromisoformat(row["kuolleeksijulistamispv"]["arvo"])
        return self._dateless.setdefault(id(person), world.day)

    def account(self, until: date | None = None) -> Account:
        """What had been told before a day (all, if none is given).

        Whoever is protected then or in the end has no place.
        """
        newest = {facts.person: facts for _, facts in self.told}
        known = {f.person: f for day, f in self.told if until is None or day < until}
        hidden = {person for person in known if newest[person].is_protected}
        return Account(
            tuple(
                f._replace(is_protected=f.is_protected or f.person in hidden)
                for f in known.values()
            ),
            frozenset(self.sandbox.world.area),
            self.sandbox.options,
        )


def _spells(person: Person) -> Iterator[Spell]:
    homes = [*person.past_homes, *([] if person.home is None else [person.home])]
    for home in sorted(homes, key=lambda one: one.since):
        yield Spell(
            home.municipality, home.since, NEVER if home.until is None else home.until + _DAY
        )


def _same_building(person: Person) -> Iterator[date]:
    """First days of addresses in the building of the address before."""
    lived = [*person.past_addresses, *([] if person.address is None else [person.address])]
    for before, after in pairwise(lived):
        if before.dwelling.building == after.dwelling.building:
            yield after.since


@dataclass(frozen=True)
class Account:
    """Persons as known at one moment, counted.

    Attributes:
        read_as: Codes that count as other ones, in the division that is read.
    """

    facts: tuple[Facts, ...]
    area: frozenset[str]
    options: SandboxOptions
    read_as: Mapping[str, str] = field(default_factory=dict)

    def read(self, division: Mapping[str, str]) -> Account:
        """The same in another division: code → the code under which it counts."""
        return replace(self, read_as=division)

    def residents(self, day: date) -> pd.DataFrame:
        """Place, sex and age of everybody who lives in the area on a day."""
        found = [
            (self._shown(one, spell.place), one.sex, _age(one.born, day))
            for one in self.facts
            for spell in _lived(one)
            if spell.place in self.area and spell.begins <= day < spell.ends
        ]
        return pd.DataFrame(found, columns=["place", "sex", "age"])

    def changes(self) -> pd.DataFrame:
        """Everybody's coming and going: day, place, sex, part, and whether in (1) or out (-1)."""
        columns = ["day", "place", "sex", "part", "sign"]
        return pd.DataFrame(
            [change for one in self.facts for change in self._changes_of(one)], columns=columns
        )

    def moves(self) -> pd.DataFrame:
        """Moves that touch the area, of those who are not protected: day, origin, target, age."""
        found = []
        for one in self.facts:
            for before, after in _steps(one):
                kind = self._kind(one, before, after)
                pair = [None if spell is None else spell.place for spell in (before, after)]
                if one.is_protected or kind not in MOVES or not self.area & set(pair):
                    continue
                assert after is not None
                origin, target = (self._read(place) for place in pair)
                if origin != target:
                    found.append((after.begins, origin, target, _age(one.born, after.begins)))
        return pd.DataFrame(found, columns=["day", "origin", "target", "age"])

    def _changes_of(self, one: Facts) -> Iterator[tuple[date, str | None, str, str, int]]:
        for before, after in _steps(one):
            kind = self._kind(one, before, after)
            day = after.begins if after is not None else before.ends if before else NEVER
            places = [
                spell.place for spell in (before, after) if spell and spell.place in self.area
            ]
            if one.is_protected and kind not in ("birth", "death"):
                kind = "correction" if len(places) == 1 else None
            if kind is None or day == NEVER:
                continue
            if len(places) == 2 and self._read(places[0]) == self._read(places[1]):
                continue
            for spell, sign in ((before, -1), (after, 1)):
                if spell is not None and spell.place in self.area:
                    part = {-1: "moved_out", 1: "moved_in"}[sign] if kind == MOVES[0] else kind
                    yield day, self._shown(one, spell.place), one.sex, part, sign

    def _kind(self, one: Facts, before: Spell | None, after: Spell | None) -> str | None:
        """How somebody comes from one spell to the next one; None where nothing changed."""
        if after is None:
            return "death" if before is not None and before.ends == one.died else "correction"
        if before is None:
            if after.begins == one.born:
                return "birth"
            return "immigration" if one.born_abroad else "correction"
        outside = before.place in OUTSIDE, after.place in OUTSIDE
        if before.place == after.place or all(outside):
            return None
        if any(outside):
            return "immigration" if outside[0] else "emigration"
        return "area_change" if self._is_redrawn(one, before, after) else MOVES[0]

    def _is_redrawn(self, one: Facts, before: Spell, after: Spell) -> bool:
        """Whether it is the municipality that went elsewhere, not the person."""
        o, pair = self.options, (before.place, after.place)
        if o.merger_day is not None and pair == (o.merger_from, o.merger_into):
            return after.begins >= o.merger_day
        transferred = pair == (o.transfer_from, o.transfer_into)
        return transferred and after.begins == o.transfer_day and after.begins in one.stands_since

    def _shown(self, one: Facts, place: str) -> str | None:
        return None if one.is_protected else self._read(place)

    def _read(self, place: str | None) -> str | None:
        return self.read_as.get(place or "", place)


def _lived(one: Facts) -> list[Spell]:
    """The spells of a life: none before birth, none from the day of death on."""
    ends = one.died or NEVER
    clipped = (
        Spell(spell.place, max(spell.begins, one.born), min(spell.ends, ends))
        for spell in one.spells
    )
    return [spell for spell in clipped if spell.begins < spell.ends]


def _steps(one: Facts) -> Iterator[tuple[Spell | None, Spell | None]]:
    """Each pair of spells that touch; None where nothing comes before or after."""
    spells = _lived(one)
    befores: Iterable[Spell | None] = (None, *spells)
    afters: Iterable[Spell | None] = (*spells, None)
    for before, after in zip(befores, afters, strict=True):
        if before is not None and after is not None and before.ends != after.begins:
            yield before, None
            yield None, after
        elif before is not None or after is not None:
            yield before, after


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
