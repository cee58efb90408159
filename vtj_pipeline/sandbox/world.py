"""The world on one day: all persons, how to find some, and telling the journal what changed.

Events change persons and tell it here; `life.py` decides which events happen when. Keep out what
an event does to a person and how a product sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.accounts import tailored_condition
from vtj_pipeline.sandbox.basic_data import basic_rows
from vtj_pipeline.sandbox.chance import seeded
from vtj_pipeline.sandbox.dwellings import Dwellings
from vtj_pipeline.sandbox.furnishing import Furnisher
from vtj_pipeline.sandbox.identity_codes import CodeBook
from vtj_pipeline.sandbox.journal import Entry, Journal
from vtj_pipeline.sandbox.maker import Maker
from vtj_pipeline.sandbox.masking import history_changes, mask_changes
from vtj_pipeline.sandbox.messages import (
    Letter,
    is_quiet,
    leaving_variants,
    standing_rows,
    whole_rows,
)
from vtj_pipeline.sandbox.noise import Noise
from vtj_pipeline.sandbox.oddities import Oddities
from vtj_pipeline.sandbox.population import first_population
from vtj_pipeline.sandbox.reference_data import Reference, load_reference
from vtj_pipeline.sandbox.selection import Selection
from vtj_pipeline.sandbox.spelling import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Address, Person, Stay
    from vtj_pipeline.sandbox.rows import Row

_TRIES = 300
_MOST_OF_A_CROWD = 5
_FARTHEST_MOVE = 14


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
        dissolved: Municipalities that were merged into another one.
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
    spelling: Spelling
    oddities: Oddities
    selection: Selection
    moment: str = ""
    by_code: dict[str, Person] = field(default_factory=dict)
    by_old_code: dict[str, Person] = field(default_factory=dict)
    households: dict[int, list[Person]] = field(default_factory=dict)
    area: frozenset[str] = frozenset()
    dissolved: set[str] = field(default_factory=set)
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

    def forget(self, person: Person) -> None:
        """Take a person out of the register: neither events nor answers find the person again."""
        self.people.remove(person)
        self.households[person.household].remove(person)
        del self.by_code[person.code]
        self.recent_moves = [one for one in self.recent_moves if one.person is not person]
        self.deaths = [one for one in self.deaths if one.person is not person]
        self.unnamed = [one for one in self.unnamed if one is not person]
        self.protected = [one for one in self.protected if one is not person]
        self.selection.forget(person)

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
        letter = self._letter(code or person.code)
        if censored is None:
            censored = rows
            if person.is_protected:
                censored = [*mask_changes(rows), *history_changes(rows)]
        quiet = before is not None and is_quiet(person, rows, self.options)
        entering = leaving = None
        selected = self.selection.judge(person, self.day, is_new=before is None)
        moved = person.municipality != before
        if person.municipality is not None and (moved or selected == (False, True)):
            entering = letter.both(
                self._whole(person, rows, censored=False), self._whole(person, rows, censored=True)
            )
        if moved:
            leaving = leaving_variants(letter, person, rows, self.options)
        self.noise.before(self.journal, (letter.code, person.code, *person.old_codes))
        key = self.journal.last_key + 1 + int(self.rng.random() * 5)
        entry = Entry(
            key,
            letter.code,
            before,
            person.municipality,
            letter.both(rows, None if quiet else censored),
            entering,
            leaving,
            selected,
            also=person.code if code is not None and self.options.new_code_hears else None,
        )
        self.noise.write(self.journal, entry)
        self._crowd(person, key)

    def tell_turned(self, person: Person) -> None:
        """Write that a birthday brought a person into the tailored product, all as LISATTY."""
        whole = self._letter(person.code).both(
            self._whole(person, (), censored=False), self._whole(person, (), censored=True)
        )
        self.noise.before(self.journal, (person.code, *person.old_codes))
        home, key = person.municipality, self.journal.last_key + 1
        sides = (False, True)
        entry = Entry(key, person.code, home, home, whole, whole, selected=sides, by_age=True)
        self.journal.append(entry)

    def repeat(self, rng: Random, person: Person) -> None:
        """Tell rows of a person that stand as they are, as changed or as context: all true."""
        letter = self._letter(person.code)
        rows = standing_rows(rng, person, self.options.duplicate_move_date)
        censored: Sequence[Row] | None = rows
        if person.is_protected:
            censored = mask_changes(rows)
        home = person.municipality
        sides = self.selection.judge(person, self.day, is_new=False)
        self.noise.before(self.journal, (person.code, *person.old_codes))
        key = self.journal.last_key + 1
        told = letter.both(rows, censored)
        self.journal.append(Entry(key, person.code, home, home, told, None, selected=sides))

    def _crowd(self, person: Person, key: int) -> None:
        """By option, let more messages about the same person follow at once (contract §2.6)."""
        share = self.options.crowded
        if not share:
            return
        rng = seeded(self.options.seed, "crowd", key)
        if rng.random() < share and self.by_code.get(person.code) is person:
            for _ in range(2 + int(rng.random() * _MOST_OF_A_CROWD)):
                self.repeat(rng, person)

    def _letter(self, code: str) -> Letter:
        return Letter(code, self.moment, self.spelling)

    def standing(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return the municipalities that no merger has ended."""
        return tuple(code for code in codes if code not in self.dissolved)

    def put_off(self, since: date) -> date:
        """Return the day of a move, by option now and then one to come (§9 #30)."""
        share = self.options.future_moves
        if share and self.rng.random() < share:
            return self.day + timedelta(days=1 + int(self.rng.random() * _FARTHEST_MOVE))
        return since

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
        found = basic_rows(person, censored=censored, both_spellings=both)
        return found + self.oddities.more_rows(person)

    def home_row(self, stay: Stay) -> Row:
        """Return KOTIKUNTA as the options want it spelled."""
        return r.home_row(stay, both_spellings=self.options.duplicate_move_date)

    def _whole(self, person: Person, rows: Iterable[Row], *, censored: bool) -> list[Row]:
        def rows_of(one: Person, hidden: bool) -> list[Row]:
            return self.rows_of(one, censored=hidden)

        return whole_rows(person, rows, rows_of, censored=censored)


def first_world(options: SandboxOptions) -> World:
    """Return the world at the start of the first day."""
    reference = load_reference()
    area = frozenset(reference.area(options.wellbeing_area))
    codes = CodeBook(options.wrong_checks, options.seed)
    maker = Maker(reference, Dwellings(reference), codes)
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
        spelling=Spelling(options),
        oddities=Oddities(options),
        selection=Selection(tailored_condition(options, reference)),
        area=area,
    )
    furnisher.first(world.people)
    world.oddities.first(world.people)
    for person in world.people:
        world.index(person)
        world.selection.take(person, options.start)
    return world
