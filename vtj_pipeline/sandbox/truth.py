"""The sandbox's own truth: persons, their rows now, and how an account sees them.

Truth is changed together with the journal by `moves` and `facts`. It shares no code with the fold
that it is used to check. Keep out chance.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from vtj_pipeline.sandbox.rows import (
    BOOKKEEPING,
    GROUP_ORDER,
    MASKED_FIELDS,
    Row,
    day_of,
    mask_of,
    masked,
)


@dataclass
class Person:
    """One person: the active code, the rows of every group now, and what events must remember.

    Attributes:
        rows: Group → its rows; the tuples and rows are replaced, never changed.
        household: The number of the household.
        is_closed: Left the product by moving: nothing happens to the person any more.
        undo: The rows that the last move replaced, while that move can still be cancelled.
    """

    number: int
    code: str
    sex: str
    born: date
    household: int
    rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    is_protected: bool = False
    is_dead: bool = False
    is_closed: bool = False
    undo: tuple[Row, ...] = ()

    def copy(self) -> "Person":
        """Return a person whose changes do not show in this one."""
        made = Person(self.number, self.code, self.sex, self.born, self.household)
        made.rows = dict(self.rows)
        made.is_protected, made.is_dead = self.is_protected, self.is_dead
        made.is_closed, made.undo = self.is_closed, self.undo
        return made

    def one(self, group: str) -> Row:
        """Return the only row of a group that the person has."""
        return self.rows[group][0]

    def put(self, *rows: Row) -> None:
        """Make each row the only one of its group."""
        for row in rows:
            self.rows[row["tietoryhma"]] = (row,)

    def add(self, row: Row) -> None:
        """Add a row to the end of its group."""
        group = row["tietoryhma"]
        self.rows[group] = (*self.rows.get(group, ()), row)

    def drop(self, row: Row) -> None:
        """Remove a row from its group."""
        group = row["tietoryhma"]
        self.rows[group] = tuple(other for other in self.rows[group] if other != row)

    @property
    def municipality(self) -> str:
        """The code of the present home municipality."""
        return str(self.one("KOTIKUNTA")["kuntakoodi"])

    def settled(self, *groups: str) -> date:
        """Return the latest start among the present rows of the groups."""
        starts = {"KOTIKUNTA": "kuntaanMuuttopv", "SYNTYMAPAIVA": "syntymapv"}
        return max(
            day_of(row, starts.get(group, "alkupv"))
            for group in groups
            for row in self.rows.get(group, ())
        )

    def age(self, today: date) -> int:
        """Return full years of age by the real birth date."""
        before = (today.month, today.day) < (self.born.month, self.born.day)
        return today.year - self.born.year - before

    def shown(
        self,
        *,
        censored: bool,
        groups: Collection[str] | None = None,
        mask_absent: bool = True,
    ) -> Iterator[Row]:
        """Yield the rows as a whole answer shows them, groups in their order (contract §7.2).

        Args:
            censored: Whether the account may not see where protected persons live.
            groups: Only these groups; None for all.
            mask_absent: Whether groups that the person lacks are masked as well.
        """
        hidden = censored and self.is_protected
        for group in GROUP_ORDER:
            if groups is not None and group not in groups:
                continue
            if not hidden:
                yield from self.rows.get(group, ())
            elif group in MASKED_FIELDS:
                if mask_absent or group in self.rows:
                    yield mask_of(group)
            elif group != BOOKKEEPING:
                yield from self.rows.get(group, ())


def censor(rows: Collection[Row]) -> list[Row]:
    """Return the rows of a change message about a protected person, as a censored account gets it.

    Location rows keep nothing but their attribute; VAESTOKIRJANPITOKUNTA is left out (§7.2).
    """
    return [
        masked(row, row["muutosattribuutti"]) if row["tietoryhma"] in MASKED_FIELDS else row
        for row in rows
        if row["tietoryhma"] != BOOKKEEPING
    ]
