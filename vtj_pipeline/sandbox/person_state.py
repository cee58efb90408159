"""The sandbox's own truth about one person, as facts rather than rows.

`basic_data.py` shows these facts as `perustiedot`, the modules of `events/` change them and tell
the change. A fact is a named tuple and is replaced, never changed. Nothing here is shared with the
fold. Keep out JSON (`rows.py`) and chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from vtj_pipeline.sandbox.family_state import NO_FAMILY, Family, Guardianship
from vtj_pipeline.sandbox.reference_data import ABROAD, NO_HOME, Localized

DAY, MONTH = "PAIVA", "KUUKAUSI"
MAN, WOMAN = "MIES", "NAINEN"


class Stay(NamedTuple):
    """A home municipality; `until` is the last day (contract §3.0)."""

    municipality: str
    since: date
    until: date | None = None
    precision: str = DAY


class Dwelling(NamedTuple):
    """A dwelling of a building; `number` is the dwelling's, three digits (contract §3.3)."""

    municipality: str
    building: str
    street: Localized
    house: str
    postal_code: str
    post_office: Localized
    address_number: int = 1
    stairwell: str | None = None
    number: str | None = None
    division: str | None = None


class Address(NamedTuple):
    """A permanent address in Finland; `until` is the last day."""

    dwelling: Dwelling
    since: date
    until: date | None = None


class PostalAddress(NamedTuple):
    """A postal address in Finland; `until` is the last day."""

    line: Localized
    postal_code: str
    post_office: Localized
    since: date
    until: date | None = None


class ForeignAddress(NamedTuple):
    """A permanent address abroad; `until` is the last day."""

    line: str
    place: str
    country: str
    since: date
    until: date | None = None


class NameRecord(NamedTuple):
    """A row of the history of names; `until` equals the start of the next (contract §3.0)."""

    kind: str
    name: str
    since: date | None = None
    until: date | None = None
    way: str | None = None


class Language(NamedTuple):
    """A mother tongue; `name` where the code does not tell it; `until` is exclusive."""

    code: str
    iso: str
    name: str | None
    since: date
    until: date | None = None


class Citizenship(NamedTuple):
    """A citizenship; `name` goes with country 998; `until` is exclusive."""

    country: str
    name: str | None = None
    is_active: bool = True
    since: date | None = None
    until: date | None = None


class Protection(NamedTuple):
    """An order of non-disclosure, with its planned or actual end."""

    is_active: bool
    ends: date | None = None


class Death(NamedTuple):
    """What is recorded of a death; `is_dead` is false where it was removed."""

    is_dead: bool
    day: date | None = None
    precision: str = DAY


@dataclass(slots=True, eq=False)
class Person:
    """One person as the register knows it now.

    Attributes:
        code: The active personal identity code.
        old_codes: Earlier codes, oldest first.
        has_code_row: Shows a HENKILOTUNNUS_KORJAUS row although the code never changed.
        household: Number of the household.
        name_since: Start of the present official name, where known.
        call_name: The present call name.
        name_records: Rows of the history of names, except the present call name.
        home: Home municipality, 198 to 200 included; None for the dead whose residence was closed.
        past_homes: Earlier home municipalities, oldest first.
        bookkeeping: Municipality of population book-keeping.
        past_addresses: Addresses that ended after the journal began.
        absence, emigrated_to, immigrated_from, arrived: What is told about living abroad.
        guardians, dependants: Told on the child and on the guardian.
        family: The other facts about the family.
        birth_place: The place of a birth abroad, as text.
        kept: Facts that are nothing but a row (`kept_rows.py`).
        ended: Closing rows, with `muutosattribuutti`, that the area's product was not told.
    """

    code: str
    sex: str
    born: date
    household: int
    born_precision: str = DAY
    old_codes: tuple[str, ...] = ()
    has_code_row: bool = False
    first_names: str | None = None
    last_name: str | None = None
    name_since: date | None = None
    call_name: NameRecord | None = None
    name_records: tuple[NameRecord, ...] = ()
    birth_municipality: str | None = None
    birth_country: str | None = None
    civil_status: str = "NAIMATON"
    language: Language | None = None
    citizenships: tuple[Citizenship, ...] = ()
    protection: Protection | None = None
    home: Stay | None = None
    past_homes: tuple[Stay, ...] = ()
    bookkeeping: Stay | None = None
    address: Address | None = None
    past_addresses: tuple[Address, ...] = ()
    postal: PostalAddress | None = None
    past_postals: tuple[PostalAddress, ...] = ()
    foreign: ForeignAddress | None = None
    absence: tuple[str, date] | None = None
    emigrated_to: str | None = None
    immigrated_from: str | None = None
    arrived: date | None = None
    death: Death | None = None
    guardians: tuple[Guardianship, ...] = ()
    dependants: tuple[Guardianship, ...] = ()
    family: Family = NO_FAMILY
    birth_place: str | None = None
    kept: tuple[dict[str, Any], ...] = ()
    ended: tuple[dict[str, Any], ...] = ()

    @property
    def birth_abroad(self) -> tuple[str, str | None] | None:
        """Country and place of a birth, where they are told."""
        return None if self.birth_country is None else (self.birth_country, self.birth_place)

    @birth_abroad.setter
    def birth_abroad(self, told: tuple[str, str | None] | None) -> None:
        self.birth_country, self.birth_place = (None, None) if told is None else told

    @property
    def is_protected(self) -> bool:
        """Whether an order of non-disclosure is in force."""
        return self.protection is not None and self.protection.is_active

    @property
    def is_alive(self) -> bool:
        """Whether no death is recorded."""
        return self.death is None or not self.death.is_dead

    @property
    def municipality(self) -> str | None:
        """The code of the home municipality, the special ones included."""
        return None if self.home is None else self.home.municipality

    @property
    def lives_in_finland(self) -> bool:
        """Whether the person is alive and has a home municipality in Finland."""
        code = self.municipality
        return self.is_alive and code is not None and code != ABROAD and code not in NO_HOME

    def age(self, today: date) -> int:
        """Return full years by the recorded birth date."""
        before = (today.month, today.day) < (self.born.month, self.born.day)
        return today.year - self.born.year - before
