"""Oddities of `perustiedot` alone: what nobody knows, and missing ends that are spelled out.

They say nothing about anybody that messages do not. Keep out how facts are spelled alike everywhere
(`spelling.py`) and the noise of messages (`noise.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import chosen
from vtj_pipeline.sandbox.noise import KEPT_WHOLE, OPEN_ENDED, UNKNOWN_FIELD, UNKNOWN_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row

_MASK = "turvakiellonAlaisetKentat"


class Oddities:
    """Makes the basic data of some persons odd, always in the same way."""

    def __init__(self, options: SandboxOptions) -> None:
        """Take the share from the options."""
        self._share, self._seed = options.odd_basic_data, options.seed
        self._with_group: set[Person] = set()

    def first(self, people: Iterable[Person]) -> None:
        """Choose, of the first population, who has a group that nobody knows, for ever."""
        if self._share:
            self._with_group = {
                one for one in people if chosen(self._share, self._seed, "group", one.code)
            }

    def more_rows(self, person: Person) -> list[Row]:
        """The rows that a person has besides those that anybody knows."""
        return [r.single(UNKNOWN_GROUP, arvo=1)] if person in self._with_group else []

    def told(self, person: Person, rows: Sequence[Row]) -> Sequence[Row]:
        """Return rows as `perustiedot` tells them."""
        if not self._share:
            return rows
        return [self._row(person, row) for row in rows]

    def _row(self, person: Person, row: Row) -> Row:
        group = row["tietoryhma"]
        if _MASK in row or not chosen(self._share, self._seed, person.code, group):
            return row
        ends = {end: None for start, end in OPEN_ENDED.items() if start in row}
        more = {UNKNOWN_FIELD: "x"} if group not in KEPT_WHOLE else {}
        return {**ends, **row, **more}
