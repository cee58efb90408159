"""The sandbox's world on one day: all persons, who belongs to the product, and the day's messages.

Events (`moves`, `facts`) change persons and tell it here; `life` decides which events happen. Keep
out how an account sees anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from vtj_pipeline.sandbox.population import Maker
from vtj_pipeline.sandbox.rows import Row, change
from vtj_pipeline.sandbox.truth import Person

_DRAWS = 60


@dataclass(frozen=True)
class Message:
    """One message of the day, not yet in the journal; `is_ours` tells if the product gets it."""

    code: str
    rows: tuple[Row, ...]
    is_hidden: bool
    is_ours: bool


@dataclass
class World:
    """Everything that events read and change.

    Attributes:
        recent_moves: Numbers of persons whose last move could be cancelled, oldest first.
        dead, unnamed, protected: Numbers of persons in that state, in the order it began.
    """

    maker: Maker
    persons: list[Person]
    whole_country: bool
    day: date
    recent_moves: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    unnamed: list[int] = field(default_factory=list)
    protected: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    by_code: dict[str, Person] = field(default_factory=dict)
    households: dict[int, list[Person]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the persons."""
        for person in self.persons:
            self._index(person)
            if person.is_protected:
                self.protected.append(person.number)

    def _index(self, person: Person) -> None:
        self.by_code[person.code] = person
        self.households.setdefault(person.household, []).append(person)

    def add(self, person: Person) -> None:
        """Take a new person into the world."""
        self.persons.append(person)
        self._index(person)

    def in_scope(self, person: Person) -> bool:
        """Return whether the product gives this person now."""
        return self.whole_country or person.municipality in self.maker.area

    def is_inside(self, municipality: str) -> bool:
        """Return whether a resident of the municipality belongs to the product."""
        return self.whole_country or municipality in self.maker.area

    def pick(self, rng: Random, fits: Callable[[Person], bool]) -> Person | None:
        """Return a living person to whom things still happen and who fits, if one is met soon."""
        for _ in range(_DRAWS):
            person = self.persons[int(rng.random() * len(self.persons))]
            if not person.is_dead and not person.is_closed and fits(person):
                return person
        return None

    def pick_from(
        self, rng: Random, numbers: Sequence[int], fits: Callable[[Person], bool]
    ) -> Person | None:
        """Return one fitting person out of a list of numbers."""
        fitting = [self.persons[n] for n in numbers if fits(self.persons[n])]
        return fitting[int(rng.random() * len(fitting))] if fitting else None

    def tell(
        self,
        person: Person,
        rows: Sequence[Row],
        *,
        code: str | None = None,
        ours: bool | None = None,
    ) -> None:
        """Put a message about a person among the day's messages.

        Args:
            person: Whom it is about, as after the change.
            rows: Rows with their `muutosattribuutti`, in the order of contract §4.3, unmasked.
            code: The code it goes under when that is not the active one (§4.5).
            ours: Whether the product gets it when that is not plain from the state now.
        """
        is_ours = self.in_scope(person) if ours is None else ours
        self.messages.append(
            Message(code or person.code, tuple(rows), person.is_protected, is_ours)
        )

    def tell_all(self, person: Person) -> None:
        """Tell every group of a person who is new to the product as LISATTY (contract §4.1)."""
        rows = person.shown(censored=False)
        self.tell(person, [change("LISATTY", row) for row in rows])

    def recently(self, rng: Random, days: int, after: date) -> date | None:
        """Return a day up to `days` ago that is later than `after`, or None."""
        chosen = self.day - timedelta(days=int(rng.random() * (days + 1)))
        chosen = max(chosen, after + timedelta(days=1))
        return chosen if chosen <= self.day else None
