"""The world on one day: all persons, how to find some, and telling the journal what changed.

Events change persons and tell it here; `life.py` decides which events happen when. Keep out what
an event does to a person and how a product sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import orjson

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.basic_data import basic_rows
from vtj_pipeline.sandbox.chance import seeded
from vtj_pipeline.sandbox.dwellings import Dwellings
from vtj_pipeline.sandbox.furnishing import Furnisher
from vtj_pipeline.sandbox.journal import Entry, Journal, Variants
from vtj_pipeline.sandbox.maker import Maker
from vtj_pipeline.sandbox.masking import MASKED_FIELDS, history_changes, mask_changes
from vtj_pipeline.sandbox.noise import Noise
from vtj_pipeline.sandbox.population import first_population
from vtj_pipeline.sandbox.reference_data import Reference, load_reference
from vtj_pipeline.sandbox.residence_rows import closing_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Address, Person, Stay
    from vtj_pipeline.sandbox.rows import Row

_TRIES = 300
_CLOSING_FIELDS = ("loppupv", "kunnastaPoisMuuttopv")


class Move(NamedTuple):
    """A move that can still be cancelled: where from, where to."""

    person: Person
    old_home: Stay
    old_bookkeeping: Stay | None
    old_address: Address | None
    new_home: Stay
    new_address: Address


class Ending(NamedTuple):
    """What a death closed, so that it can be undone."""

    person: Person
    home: Stay | None
    address: Address | None


@dataclass
class World:
    """Everything that events read and change.

    Attributes:
        day: The day that is being lived.
        rng: The day's chance; it depends on the seed and the day only.
        moment: `muutospv` of the event under way.
        recent_moves, deaths, unnamed, protected: Whom later events may concern.
    """

    options: SandboxOptions
    reference: Reference
    maker: Maker
    people: list[Person]
    journal: Journal
    day: date
    rng: Random
    furnisher: Furnisher
    noise: Noise
    moment: str = ""
    by_code: dict[str, Person] = field(default_factory=dict)
    by_old_code: dict[str, Person] = field(default_factory=dict)
    households: dict[int, list[Person]] = field(default_factory=dict)
    area: frozenset[str] = frozenset()
    recent_moves: list[Move] = field(default_factory=list)
    deaths: list[Ending] = field(default_factory=list)
    unnamed: list[Person] = field(default_factory=list)
    protected: list[Person] = field(default_factory=list)

    def add(self, person: Person) -> None:
        """Take a person into the world."""
        self.furnisher.newcomer(self.rng, person)
        self.people.append(person)
        self.index(person)

    def index(self, person: Person) -> None:
        """Make a person findable by code, household and state."""
        self.by_code[person.code] = person
        self.households.setdefault(person.household, []).append(person)
        if person.is_protected:
            self.protected.append(person)
        if person.first_names is None and person.language is not None:
            self.unnamed.append(person)

    def in_area(self, person: Person) -> bool:
        """Whether a living person's home is in the wellbeing area of the options."""
        return person.is_alive and person.municipality in self.area

    def pick(self, fits: Callable[[Person], bool]) -> Person | None:
        """Return somebody who fits, or None where nobody is met soon."""
        for _ in range(_TRIES):
            person = self.people[int(self.rng.random() * len(self.people))]
            if fits(person):
                return person
        return None

    def move_household(self, person: Person, number: int) -> None:
        """Let a person belong to another household."""
        self.households[person.household].remove(person)
        person.household = number
        self.households.setdefault(number, []).append(person)

    def date_after(self, *starts: date | None, days: int = 10) -> date | None:
        """Return a day in the last `days`, today included, later than all starts, or None."""
        chosen = self.day - timedelta(days=int(self.rng.random() ** 2 * days))
        for start in starts:
            if start is not None and chosen <= start:
                chosen = start + timedelta(days=1)
        return chosen if chosen <= self.day else None

    def tell(
        self,
        person: Person,
        before: str | None,
        rows: Sequence[Row],
        *,
        censored: Sequence[Row] | None = None,
        code: str | None = None,
    ) -> None:
        """Write one message about a person, as the person is now, into the journal.

        Args:
            person: The subject.
            before: The home municipality before the change; None for a new person.
            rows: Rows with `muutosattribuutti` in the order of contract §4.3, unmasked.
            censored: The same for censored accounts, where masking the rows is not it.
            code: The code it goes under where that is not the active one (§4.5).
        """
        subject = code or person.code
        if censored is None:
            censored = rows
            if person.is_protected:
                censored = [*mask_changes(rows), *history_changes(rows)]
        entering = None
        if person.municipality is not None and person.municipality != before:
            entering = Variants(
                self._message(subject, self._whole(person, rows, censored=False)),
                self._message(subject, self._whole(person, rows, censored=True)),
            )
        told = Variants(self._message(subject, rows), self._message(subject, censored))
        self.noise.before(self.journal, (subject, person.code, *person.old_codes))
        key = self.journal.last_key + 1 + int(self.rng.random() * 5)
        entry = Entry(key, subject, before, person.municipality, told, entering)
        self.noise.write(self.journal, entry)

    def tell_new(self, person: Person) -> None:
        """Write the message about a person who is new to the register: all as LISATTY."""
        self.tell(
            person,
            None,
            [r.said("LISATTY", row) for row in self.rows_of(person, censored=False)],
            censored=[r.said("LISATTY", row) for row in self.rows_of(person, censored=True)],
        )

    def rows_of(self, person: Person, *, censored: bool) -> list[Row]:
        """Return a person's rows as `perustiedot` shows them."""
        both = self.options.duplicate_move_date
        return basic_rows(person, censored=censored, both_spellings=both)

    def home_row(self, stay: Stay) -> Row:
        """Return KOTIKUNTA as the options want it spelled."""
        return r.home_row(stay, both_spellings=self.options.duplicate_move_date)

    def _whole(self, person: Person, rows: Iterable[Row], *, censored: bool) -> list[Row]:
        """All groups as LISATTY, then what the change and the time since the start ended.

        A product that had the person before, and was told nothing since, could not end the
        rows that it holds without the closing rows.
        """
        standing = self.rows_of(person, censored=censored)
        hidden = censored and person.is_protected
        ended = [row for row in rows if _ends_something(row)]
        if hidden:
            ended += history_changes(ended)
        ended += closing_rows(person)
        ended += [r.said("MUUTETTU", r.dwelling_row(one)) for one in person.past_addresses]
        ended += [r.said("MUUTETTU", r.address_row(one)) for one in person.past_addresses]
        ended += [r.said("MUUTETTU", r.postal_row(one)) for one in person.past_postals]
        whole = [r.said("LISATTY", row) for row in standing]
        for row in ended:
            plain = {name: value for name, value in row.items() if name != "muutosattribuutti"}
            told = row["muutosattribuutti"] == "MUUTETTU" and plain in standing
            if told or row in whole:
                continue
            if not (hidden and row["tietoryhma"] in MASKED_FIELDS):
                whole.append(row)
        return whole

    def _message(self, code: str, rows: Sequence[Row]) -> bytes:
        return orjson.dumps({"henkilotunnus": code, "muutospv": self.moment, "tietoryhmat": rows})


def _ends_something(row: Row) -> bool:
    attribute = row["muutosattribuutti"]
    if attribute == "MUUTETTU":
        return any(name in row for name in _CLOSING_FIELDS)
    return attribute in ("POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO")


def first_world(options: SandboxOptions) -> World:
    """Return the world at the start of the first day."""
    reference = load_reference()
    area = frozenset(reference.area(options.wellbeing_area))
    maker = Maker(reference, Dwellings(reference))
    furnisher = Furnisher(reference, maker.dwellings, options)
    world = World(
        options=options,
        reference=reference,
        maker=maker,
        people=first_population(maker, options),
        journal=Journal(options),
        day=options.start,
        rng=seeded(options.seed, options.start),
        furnisher=furnisher,
        noise=Noise(options),
        area=area,
    )
    furnisher.first(world.people)
    for person in world.people:
        world.index(person)
    return world
