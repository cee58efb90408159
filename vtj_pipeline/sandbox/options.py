"""What a sandbox is made of: size, seed, first day, and a switch for every assumption.

Add a switch here when an assumption about the source (contract §9) should be tried the other way;
the test `test_assumptions.py` holds the list. Keep out anything that runs, and the rules for what
may be given (`option_rules.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from vtj_pipeline.sandbox.option_rules import SHARES, check, noisy

__all__ = ["SHARES", "SandboxOptions"]


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
        moving_out: `last-message` tells the move itself, `without-address` only the municipality
            of it, `silent` nothing (§9 #3).
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
        granted_groups: (account, groups) pairs that replace what the accounts are granted (§9 #29).
        tailored_from_age, tailored_to_age: Ages in full years of the tailored product (§5).
        tailored_municipalities: Home municipalities of it; none is the whole country.
        outside_area: Whether `kuntakoodit` outside a municipality product's are left out in
            silence or get a 403 (§9 #10).
        extra_properties: Whether `muutokset` refuses properties that it does not know (§9 #1).
        dateless_cursor: Whether `kirjausavain` without a date answers the newest cursor or 404
            (§9 #4).
        day_cursor: What `kirjausavain/{pvm}` is: the day's `own-entry`, the key `last-before` the
            day, or the key of the `first-message`, after which that message is lost (§9 #5).
        most_codes_in_changes: Most codes that `muutokset` takes; None is any number (§9 #12).
        expired_cursor_status: HTTP status of a cursor that is no longer kept (§9 #9).
        error_body: Shape of the service's own errors, which is unknown (§9 #10).
        daily_quota: Calls of an account on one day of the clock before 429; None is no end (§1.4).
        faults: Faults over HTTP: `none`, `all`, or `name,name=share` (`fault_plan.py`).
        most_faults_in_a_row: Faults that one and the same request meets in a row, at most.
        slow_seconds: How long a slow answer takes.
        retry_after_seconds: What `Retry-After` of a 429 says.
        weekly_copy: Whether `perustiedot-vko` tells the state of today or of the last Monday.
        copy_date: The form of `poimintapv` (§9 #22).
        copy_limit: Most persons in one `perustiedot-vko`; more end with `ajanTasalla` false.
        basic_data_caught_up: `ajanTasalla` of `perustiedot` (§9 #21).
        protected_mover_out: Whether a censored account sees where a protected person moves who
            leaves the product (§9 #3).
        protected_moves: Whether moves of protected persons come masked or not at all (§9 #15).
        protection_expiry: Whether the planned end of an order is told as its end (§9 #13).
        page_order: Order of a page: of the `journal`, `by-person`, or `shuffled` (§9 #7).
        split_messages: Share of messages that come as two of the same moment (§9 #6).
        home_restated: Multiplies how often KOTIKUNTA comes as MUUTETTU; 0 is never (§9 #16).
        removal_code: The code of removed homes (§9 #18).
        new_code_hears: Whether a change of code is also found by the new code (§9 #20).
        temporary_stays: Whether somebody may have several temporary stays at once (§9 #24).
        rough_padding: What a year is padded with: `01`, or the day as it was (§9 #26).
        future_moves: Share of moves dated after today (§9 #30).
        identity_trouble: Multiplies how often two persons turn out to be one, a code is passivated
            without a successor, and a code turns out to be shared (§4.5); 0 is never.
        unknown_groups: Share of messages with a row more, of a group that nobody knows (§3.9).
        unknown_fields: Share of rows of messages with a field more that nobody knows (§8 #3).
        empty_localized: Share of rows of messages whose localized texts are `{}` (§8 #4). What
            they said is lost: `perustiedot` knows better.
        empty_texts: Share of localized texts that are `{}` wherever they are told, in
            `perustiedot` as well (§3.0).
        explicit_nulls: Share of rows of messages that spell a missing end as `null` (§9 #28).
        odd_basic_data: Share of the groups of a person that `perustiedot` tells with a missing end
            as `null` and, of some groups, a field more that nobody knows; and share of the first
            persons who have a group that nobody knows (§8 #3, §9 #28).
        future_times: Share of messages whose `muutospv` is two days ahead (§9 #30).
        duplicates: Share of messages that come once more, a few places later in the journal but
            never after a newer message under the same code (§9 #8).
        malformed: Share of messages that are followed by a broken one under the same code: a row
            without `tietoryhma`, a date that is none, no rows, a field of the wrong shape, or an
            unknown `muutosattribuutti`. The broken message says nothing that is true.
        rough_dates: Share of the facts of the smaller groups (bans, foreign codes, e-mail, religion
            and so on) whose date is a month or a year, in `perustiedot` as well (§8 #5).
        unknown_codes: Share of the same facts whose municipality, country or language is a code in
            no list, in `perustiedot` as well (§8 #8).
        noise: `all` gives every share of noise that is 0 a sensible value, but for
            `empty_localized`, which loses something.
        crowded: Share of messages after which more about the same person come at once, all true.
        codeless_guardians: Share of the first children with a guardian more, without code (§8 #11).
        rough_firsts: Share of the first days of months that are told as the month, and of New
            Year's days as the year, in every group, in `perustiedot` as well (§8 #5).
        unknown_dates: Share of the facts of the smaller groups whose date is not known.
        trailing_blanks: Share of given names that end with a blank, in `perustiedot` too (§8 #9).
        wrong_checks: Share of identity codes with a wrong check character.
        merger_day: A municipality is merged into another one on this day (§5).
        merger_from, merger_into: Which; None are the smallest and the largest of the area.
        transfer_day: Some buildings of a municipality become part of another one on this day.
        transfer_from, transfer_into: Which; None are the largest and the smallest of the area.
        transfer_persons: Buildings go over until so many persons have, as far as there are any.
        bulk_day: The day of `bulk_messages`; None is the last one before the first clock.
        bulk_messages: Messages more on that day, all true: rows that stand are told again.
        removals_day: The day of `removals`; None as above.
        removals: Home municipalities removed on that day, as far as there are residents.
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
    moving_out: Literal["last-message", "without-address", "silent"] = "last-message"
    death: Literal["flag-only", "closes-residence"] = "flag-only"
    protection_on: Literal["all", "address-only", "flag-only"] = "all"
    protection_off_restores: bool = True
    cancelled_pair_share: float = 0.8
    named_persons: Literal["product", "anyone"] = "product"
    old_codes_answer: bool = False
    duplicate_move_date: bool = False
    refuse_malformed_codes: bool = False
    xroad_fault_status: int = 500
    granted_groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tailored_from_age: int = 65
    tailored_to_age: int | None = None
    tailored_municipalities: tuple[str, ...] = ()
    outside_area: Literal["silent", "forbidden"] = "silent"
    extra_properties: Literal["refused", "accepted"] = "refused"
    dateless_cursor: Literal["newest", "refused"] = "newest"
    day_cursor: Literal["own-entry", "last-before", "first-message"] = "own-entry"
    most_codes_in_changes: int | None = None
    expired_cursor_status: int = 400
    error_body: Literal["json", "problem", "text", "empty"] = "json"
    daily_quota: int | None = None
    faults: str = "none"
    most_faults_in_a_row: int = 2
    slow_seconds: float = 0.2
    retry_after_seconds: int = 1
    weekly_copy: Literal["live", "weekly"] = "live"
    copy_date: Literal["date", "instant", "finnish"] = "date"
    copy_limit: int | None = None
    basic_data_caught_up: bool = True
    protected_mover_out: Literal["withheld", "told"] = "withheld"
    protected_moves: Literal["masked", "silent"] = "masked"
    protection_expiry: Literal["silent", "message"] = "silent"
    page_order: Literal["journal", "by-person", "shuffled"] = "journal"
    split_messages: float = 0.0
    home_restated: float = 0.0
    removal_code: Literal["mixed", "198", "199"] = "mixed"
    new_code_hears: bool = False
    temporary_stays: Literal["one", "many"] = "one"
    rough_padding: Literal["first", "kept"] = "first"
    future_moves: float = 0.0
    identity_trouble: float = 0.0
    unknown_groups: float = 0.0
    unknown_fields: float = 0.0
    empty_localized: float = 0.0
    empty_texts: float = 0.0
    explicit_nulls: float = 0.0
    odd_basic_data: float = 0.0
    future_times: float = 0.0
    duplicates: float = 0.0
    malformed: float = 0.0
    rough_dates: float = 0.0
    unknown_codes: float = 0.0
    noise: Literal["none", "all"] = "none"
    crowded: float = 0.0
    codeless_guardians: float = 0.0
    rough_firsts: float = 0.0
    unknown_dates: float = 0.0
    trailing_blanks: float = 0.0
    wrong_checks: float = 0.0
    merger_day: date | None = None
    merger_from: str | None = None
    merger_into: str | None = None
    transfer_day: date | None = None
    transfer_from: str | None = None
    transfer_into: str | None = None
    transfer_persons: int = 20
    bulk_day: date | None = None
    bulk_messages: int = 0
    removals_day: date | None = None
    removals: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be built, naming the option and what it may be.

        Raises:
            SandboxError: an option is out of its range.
        """
        if self.noise == "all":
            for name, value in noisy(self).items():
                object.__setattr__(self, name, value)
        check(self)

    @property
    def first_clock(self) -> date:
        """The sandbox's current day when it opens."""
        return self.clock or self.start + timedelta(days=self.days)

    @property
    def last_day(self) -> date:
        """The last day that has been lived when the sandbox opens."""
        return max(self.start, self.first_clock - timedelta(days=1))
