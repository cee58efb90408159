"""Who is of the tailored product: at every message, and on birthdays that no message tells.

A birthday is a date and no event, and yet it brings persons into a product by age. Keep out the
condition itself (`accounts.py`).
"""

from __future__ import annotations

from calendar import isleap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.sandbox.accounts import Condition
    from vtj_pipeline.sandbox.person_state import Person

_LEAP_DAY, _DAY_AFTER = (2, 29), (3, 1)


class Selection:
    """The persons for whom the condition holds, as far as the product knows."""

    def __init__(self, condition: Condition) -> None:
        """Begin with nobody."""
        self._condition = condition
        self._members: set[Person] = set()
        self._birthdays: dict[tuple[int, int], dict[Person, None]] = {}

    def take(self, person: Person, day: date) -> None:
        """Take up a person of the first population."""
        self._note(person, day)
        if self._condition.holds(person, day):
            self._members.add(person)

    def judge(self, person: Person, day: date, *, is_new: bool) -> tuple[bool, bool]:
        """Return whether the person was of the product before a message, and is after it."""
        was = not is_new and person in self._members
        holds = self._condition.holds(person, day)
        if holds:
            self._members.add(person)
        else:
            self._members.discard(person)
        # A birth date may have been corrected: the old day is looked at as well, for nothing.
        self._note(person, day)
        return was, holds

    def forget(self, person: Person) -> None:
        """Take a person out who is no longer in the register."""
        self._members.discard(person)
        for persons in self._birthdays.values():
            persons.pop(person, None)

    def turned(self, day: date) -> list[Person]:
        """Return who comes into the product by the birthday of this day; others leave silently."""
        due = list(self._birthdays.get((day.month, day.day), ()))
        if (day.month, day.day) == _DAY_AFTER and not isleap(day.year):
            due += self._birthdays.get(_LEAP_DAY, ())
        arrived = []
        for person in due:
            was, holds = person in self._members, self._condition.holds(person, day)
            if holds and not was and person.is_alive:
                self._members.add(person)
                arrived.append(person)
            elif was and not holds:
                self._members.discard(person)
        return arrived

    def _note(self, person: Person, day: date) -> None:
        if self._condition.may_turn(person.age(day)):
            birthday = person.born.month, person.born.day
            self._birthdays.setdefault(birthday, {})[person] = None
