"""What a sandbox is made of: size, seed, first day, and a switch for every assumption.

Add a switch here when an assumption about the source (contract §9) should be tried the other way.
Keep out anything that runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from vtj_pipeline.errors import SandboxError

_LEAST = {
    "persons": 1,
    "days": 0,
    "page_size": 1,
    "activity": 0.0,
    "outsiders": 0.0,
    "protected_share": 0.0,
    "cancelled_pair_share": 0.0,
    "identity_trouble": 0.0,
}
# Shares of messages or rows: 0 is none, 1 is all.
SHARES = (
    "unknown_groups",
    "unknown_fields",
    "empty_localized",
    "explicit_nulls",
    "duplicates",
    "malformed",
    "rough_dates",
    "unknown_codes",
)
CHOICES = {
    "moving_in": ("full", "move-only"),
    "moving_out": ("last-message", "silent"),
    "death": ("flag-only", "closes-residence"),
    "named_persons": ("product", "anyone"),
    "protection_on": ("all", "address-only", "flag-only"),
}


@dataclass(frozen=True)
class SandboxOptions:
    """The options of one sandbox; equal options give equal answers, byte for byte.

    Attributes:
        persons: Persons whose home is in the wellbeing area at the start of the first day.
        days: Days of life; the clock stands at `start` + `days` unless `clock` is given.
        seed: The only source of chance.
        start: The first day of the journal, Europe/Helsinki.
        wellbeing_area: Code of the area whose municipalities are the product of the accounts.
        clock: The sandbox's current day when it opens.
        port: Port of the server on 127.0.0.1; 0 takes any free one.
        page_size: Messages in one answer of `muutokset`, at most (contract §9 #6).
        retention_days: Days that the journal can be read back; None keeps all (§9 #9).
        activity: Multiplies every yearly rate of events.
        outsiders: Persons living elsewhere in Finland, as a share of `persons`.
        protected_share: Share of the first households under a protection order.
        censoring: False lifts the censoring of every account (§7.2).
        moving_in: `full` tells every group as LISATTY, `move-only` the event's rows (§9 #2).
        moving_out: `last-message` tells the move itself, `silent` nothing (§9 #3).
        death: `flag-only` tells KUOLINPAIVA alone, `closes-residence` the end of the home and the
            address as well (§9 #17).
        protection_on: Which masked rows come with the flag: `all` 16 location groups, the
            permanent address only, or none (§9 #14).
        protection_off_restores: True tells every location group again in full, and masked
            POISTETTU rows for those without data; False the bare rows of §4.3.
        cancelled_pair_share: Share of cancelled moves with the EDELLINEN_KOTIKUNTA pair (§4.3).
        named_persons: Whom a request reaches that names codes: only persons of the product, as
            §2.3 has it, or anyone, as a product by code would (§5).
        old_codes_answer: Whether `perustiedot` finds a person by an earlier code (§9 #19).
        duplicate_move_date: Whether KOTIKUNTA repeats its date as `kuntaanMuuttoPv` (§8 #1).
        refuse_malformed_codes: Whether a code of impossible form is a 400 (§9 #10) or unknown.
        xroad_fault_status: HTTP status of an X-Road fault: 500, newer servers 400 (§1.4).
        identity_trouble: Multiplies how often two persons turn out to be one, a code is passivated
            without a successor, and a code turns out to be shared (§4.5); 0 is never.
        unknown_groups: Share of messages with a row more, of a group that nobody knows (§3.9).
        unknown_fields: Share of rows of messages with a field more that nobody knows (§8 #3).
        empty_localized: Share of rows of messages whose localized texts are `{}` (§8 #4). What
            they said is lost: `perustiedot` knows better.
        explicit_nulls: Share of rows of messages that spell a missing end as `null` (§9 #28).
        duplicates: Share of messages that come once more, a few places later in the journal but
            never after a newer message under the same code (§9 #8).
        malformed: Share of messages that are followed by a broken one under the same code: a row
            without `tietoryhma`, a date that is none, no rows, a field of the wrong shape, or an
            unknown `muutosattribuutti`. The broken message says nothing that is true.
        rough_dates: Share of the facts of the smaller groups (bans, foreign codes, e-mail, religion
            and so on) whose date is a month or a year, in `perustiedot` as well (§8 #5).
        unknown_codes: Share of the same facts whose municipality, country or language is a code in
            no list, in `perustiedot` as well (§8 #8).
    """

    persons: int = 20_000
    days: int = 35
    seed: int = 1
    start: date = date(2026, 10, 1)
    wellbeing_area: str = "11"
    clock: date | None = None
    port: int = 0
    page_size: int = 500
    retention_days: int | None = None
    activity: float = 1.0
    outsiders: float = 0.2
    protected_share: float = 0.003
    censoring: bool = True
    moving_in: Literal["full", "move-only"] = "full"
    moving_out: Literal["last-message", "silent"] = "last-message"
    death: Literal["flag-only", "closes-residence"] = "flag-only"
    protection_on: Literal["all", "address-only", "flag-only"] = "all"
    protection_off_restores: bool = True
    cancelled_pair_share: float = 0.8
    named_persons: Literal["product", "anyone"] = "product"
    old_codes_answer: bool = False
    duplicate_move_date: bool = False
    refuse_malformed_codes: bool = False
    xroad_fault_status: int = 500
    identity_trouble: float = 0.0
    unknown_groups: float = 0.0
    unknown_fields: float = 0.0
    empty_localized: float = 0.0
    explicit_nulls: float = 0.0
    duplicates: float = 0.0
    malformed: float = 0.0
    rough_dates: float = 0.0
    unknown_codes: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be built, naming the option and what it may be."""
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                msg = f"Sandbox option {name} is {getattr(self, name)}: give {least} or more."
                raise SandboxError(msg)
        for name in SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                msg = f"Sandbox option {name} is {getattr(self, name)}: give a share, 0 to 1."
                raise SandboxError(msg)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                given = getattr(self, name)
                msg = f"Sandbox option {name} is {given!r}: give one of {', '.join(choices)}."
                raise SandboxError(msg)
        if self.retention_days is not None and self.retention_days < 1:
            msg = "Sandbox option retention_days is below 1: give 1 or more, or leave it out."
            raise SandboxError(msg)
        if self.clock is not None and self.clock < self.start:
            msg = f"Sandbox option clock is {self.clock}: give {self.start} (the start) or later."
            raise SandboxError(msg)

    @property
    def first_clock(self) -> date:
        """The sandbox's current day when it opens."""
        return self.clock or self.start + timedelta(days=self.days)
