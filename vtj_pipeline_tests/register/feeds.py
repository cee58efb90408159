"""Generated feeds to fold: a sandbox read as a customer reads it, and what it says meanwhile.

Keep out what is done with a feed (`test_source_agreement.py`, `coverage.py`, `mutation/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import orjson

from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.accounts import Account, Product
from vtj_pipeline.sandbox.events import (
    adult_guardianship,
    corrections,
    family,
    family_details,
    foreign,
    guardianship,
    marriage,
    parenthood,
    protection,
    records,
)
from vtj_pipeline.sandbox.life import YEARLY_RATES
from vtj_pipeline_tests.register.expected_family import LISTS, SIBLINGS, UNIONS
from vtj_pipeline_tests.register.expected_rows import PARTS, ROWS

Row = dict[str, Any]
Pages = list[tuple[int, bytes]]

START = date(2026, 9, 1)
CODE = "HENKILOTUNNUS_KORJAUS"
FAMILY = (adult_guardianship, family_details, guardianship, marriage, parenthood)
QUICK = SandboxOptions(
    persons=300, days=60, seed=11, start=START, activity=60.0, protected_share=0.05
)
LONG = SandboxOptions(
    persons=5000,
    days=365,
    seed=11,
    start=START,
    activity=20.0,
    protected_share=0.02,
    identity_trouble=30.0,
)
LONG_PREFIXES = (1, 120, 365)
RARE = SandboxOptions(
    persons=800, days=90, seed=6, start=START, activity=30.0, protected_share=0.05
)
RARE_PREFIXES = (30, 90)
# Yearly rates, where life has them much rarer; multiplied by the activity.
_OFTEN = {
    **{
        event: 0.05
        for event in YEARLY_RATES
        if event.__module__ in (module.__name__ for module in FAMILY)
    },
    corrections.correction: 0.05,
    family.death: 0.05,
    family.death_undone: 0.05,
    foreign.foreign_address: 0.05,
    protection.protection_change: 0.05,
    protection.protection_off: 0.05,
    protection.protection_on: 0.05,
    protection.protection_removed: 0.05,
    records.context: 0.5,
    records.record_change: 0.2,
}
_MOST_CODES = 1000
# Accounts whose products lack the siblings that tell most, so that the others are shown.
NARROW, NARROWEST = "narrow", "narrowest"
_WIDE = frozenset({"HUOLTAJA", "HUOLLETTAVA", "LAPSI", "VANHEMPI", "NIMENMUUTOS_LAAJA"})
_LESS_WIDE = frozenset({"HUOLTAJA_SUPPEA", "HUOLLETTAVA_SUPPEA", "PERHESUHDE"})
WITHOUT_TABLE = frozenset(
    {
        "REKISTERIVIRANOMAINEN",
        "JARJESTYSKIRJAIN",
        "LAPSEN_REKISTEROINNIN_LISATIEDOT",
        "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA",
        "MAASTAMUUTON_LISATIEDOT_VANHEMMASTA",
        "MAASTAMUUTON_LISATIEDOT_HUOLTAJASTA",
    }
)
GROUPS = frozenset({*PARTS, *ROWS, *SIBLINGS, *LISTS, *UNIONS}) | WITHOUT_TABLE
"""Every group that the sandbox tells of."""


@contextmanager
def rare_events_often() -> Iterator[None]:
    """Let what is rare in life happen often, so that a smaller feed holds it."""
    before = dict(YEARLY_RATES)
    YEARLY_RATES.update(_OFTEN)
    try:
        yield
    finally:
        YEARLY_RATES.update(before)


@dataclass(frozen=True)
class Reading:
    """What a customer knows up to a day, and what the source says on it.

    Attributes:
        day: Days since the start.
        pages: The pages of changes since the reading before, each with its cursor.
        answers: The persons of `perustiedot`.
        cursor: Where the next page would begin.
    """

    day: int
    pages: Pages
    answers: list[Row]
    cursor: int

    @property
    def date(self) -> date:
        """The day itself."""
        return START + timedelta(days=self.day)

    def messages(self) -> Iterator[Row]:
        """The messages of the pages."""
        for _, body in self.pages:
            yield from orjson.loads(body)["muutokset"]


@dataclass
class Feed:
    """A sandbox that is read from its first day on.

    Attributes:
        sandbox: Where the answers come from.
        account: Who reads.
        merged: Codes of persons who turned out to be another one as well.
    """

    sandbox: Sandbox
    account: str
    cursor: int
    merged: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, options: SandboxOptions, account: str) -> Feed:
        """A feed at the start of the first day."""
        sandbox = Sandbox(replace(options, clock=options.start))
        add_narrow_accounts(sandbox)
        return cls(sandbox, account, sandbox.cursor_of_day(options.start))

    def baseline(self) -> Pages:
        """Answers of `perustiedot` about everyone in scope, as pages."""
        codes = self.sandbox.in_scope_codes(self.account)
        return [
            (self.cursor, self.sandbox.basic_data_body(batch, account=self.account))
            for batch in _batches(codes)
        ]

    def read(self, day: int) -> Reading:
        """Let the clock show a later day and read what changed until then."""
        self.sandbox.advance_to(self.sandbox.options.start + timedelta(days=day))
        pages: Pages = []
        caught_up = False
        while not caught_up:
            body = self.sandbox.changes_body(self.cursor, account=self.account)
            pages.append((self.cursor, body))
            answer = orjson.loads(body)
            self._note(answer["muutokset"])
            self.cursor, caught_up = answer["viimeisinKirjausavain"], answer["ajanTasalla"]
        answers = [
            person for _, body in self.baseline() for person in orjson.loads(body)["perustiedot"]
        ]
        return Reading(day, pages, answers, self.cursor)

    def _note(self, messages: list[Row]) -> None:
        for message in messages:
            for row in message.get("tietoryhmat", ()):
                active = row.get("tietoryhma") == CODE and row["voimassaolo"] == "AKTIIVI"
                if active and row["muutosattribuutti"] == "LISATIETO":
                    self.merged.add(message["henkilotunnus"])

    def in_trouble(self, answers: list[Row]) -> set[str]:
        """Codes of persons who turned out to be another one as well.

        What the register keeps of the other one is more than the source shows.
        """
        return {p["henkilotunnus"] for p in answers if self.merged & _codes_of(p)}


def _codes_of(person: Row) -> set[str]:
    told = (row for row in person["tietoryhmat"] if row["tietoryhma"] == CODE)
    return {person["henkilotunnus"], *(row["muutettuHenkilotunnus"] for row in told)}


def add_narrow_accounts(sandbox: Sandbox) -> None:
    """Make the accounts `NARROW` and `NARROWEST`; the groups they lack are siblings."""
    area = sandbox.world.area
    for name, lacking in ((NARROW, _WIDE), (NARROWEST, _WIDE | _LESS_WIDE)):
        product = Product("municipality", area, censored=False, groups=GROUPS - lacking)
        sandbox.accounts[name] = Account(name, "pwd", product)


def _batches(codes: list[str]) -> list[list[str]]:
    return [codes[first : first + _MOST_CODES] for first in range(0, len(codes), _MOST_CODES)]
