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
}
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

    def __post_init__(self) -> None:
        """Refuse what cannot be built, naming the option and what it may be."""
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                msg = f"Sandbox option {name} is {getattr(self, name)}: give {least} or more."
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
