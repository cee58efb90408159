"""What an option of the sandbox may be, and the preset of noise.

Add the range of a new option here. Keep out what the options mean (`options.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.fault_plan import read_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vtj_pipeline.sandbox.options import SandboxOptions

_LEAST = {
    "persons": 1,
    "days": 0,
    "page_size": 1,
    "activity": 0.0,
    "outsiders": 0.0,
    "protected_share": 0.0,
    "cancelled_pair_share": 0.0,
    "identity_trouble": 0.0,
    "home_restated": 0.0,
    "tailored_from_age": 0,
    "most_faults_in_a_row": 1,
    "slow_seconds": 0.0,
    "retry_after_seconds": 0,
    "transfer_persons": 1,
    "bulk_messages": 0,
    "removals": 0,
}
_LEAST_IF_GIVEN = {
    "retention_days": 1,
    "most_codes_in_changes": 1,
    "daily_quota": 0,
    "copy_limit": 1,
    "tailored_to_age": 0,
}
# Shares of messages or rows: 0 is none, 1 is all.
SHARES = (
    "unknown_groups",
    "unknown_fields",
    "empty_localized",
    "empty_texts",
    "explicit_nulls",
    "odd_basic_data",
    "future_times",
    "duplicates",
    "malformed",
    "rough_dates",
    "unknown_codes",
    "crowded",
    "codeless_guardians",
    "rough_firsts",
    "unknown_dates",
    "trailing_blanks",
    "wrong_checks",
    "split_messages",
    "future_moves",
)
CHOICES = {
    "moving_in": ("full", "move-only"),
    "moving_out": ("last-message", "without-address", "silent"),
    "death": ("flag-only", "closes-residence"),
    "named_persons": ("product", "anyone"),
    "protection_on": ("all", "address-only", "flag-only"),
    "outside_area": ("silent", "forbidden"),
    "extra_properties": ("refused", "accepted"),
    "dateless_cursor": ("newest", "refused"),
    "day_cursor": ("own-entry", "last-before", "first-message"),
    "error_body": ("json", "problem", "text", "empty"),
    "weekly_copy": ("live", "weekly"),
    "copy_date": ("date", "instant", "finnish"),
    "protected_mover_out": ("withheld", "told"),
    "protected_moves": ("masked", "silent"),
    "protection_expiry": ("silent", "message"),
    "page_order": ("journal", "by-person", "shuffled"),
    "removal_code": ("mixed", "198", "199"),
    "temporary_stays": ("one", "many"),
    "rough_padding": ("first", "kept"),
    "noise": ("none", "all"),
}
# What the preset `noise` turns on. Splitting, shuffling and the like are not noise but another
# reading of the contract, and are left alone. So is `empty_localized`, which takes away what
# `perustiedot` still tells: whoever missed nothing would differ from it.
_PRESET: dict[str, float | bool] = {
    "unknown_groups": 0.05,
    "unknown_fields": 0.05,
    "empty_texts": 0.02,
    "explicit_nulls": 0.1,
    "odd_basic_data": 0.05,
    "future_times": 0.02,
    "duplicates": 0.05,
    "malformed": 0.01,
    "rough_dates": 0.1,
    "unknown_codes": 0.02,
    "crowded": 0.05,
    "codeless_guardians": 0.05,
    "rough_firsts": 0.3,
    "unknown_dates": 0.02,
    "trailing_blanks": 0.02,
    "wrong_checks": 0.005,
    "duplicate_move_date": True,
}
_FIRST_STATUS, _PAST_STATUS = 400, 500


def noisy(options: SandboxOptions) -> dict[str, float | bool]:
    """Return the noise of the preset, except where the options have a share of their own."""
    return {name: value for name, value in _PRESET.items() if not getattr(options, name)}


def check(options: SandboxOptions) -> None:
    """Refuse what cannot be built.

    Raises:
        SandboxError: an option is out of its range; the message names it and what it may be.
    """
    for name, right in _wrong(options):
        msg = f"Sandbox option {name} is {getattr(options, name)!r}: give {right}."
        raise SandboxError(msg)
    read_faults(options.faults)


def _wrong(options: SandboxOptions) -> Iterator[tuple[str, str]]:
    """Yield each option that is out of its range, and what it may be."""
    for name, least in (*_LEAST.items(), *_LEAST_IF_GIVEN.items()):
        value = getattr(options, name)
        if value is not None and value < least:
            yield name, f"{least} or more" + (", or leave it out" * (name in _LEAST_IF_GIVEN))
    for name in SHARES:
        if not 0.0 <= getattr(options, name) <= 1.0:
            yield name, "a share, 0 to 1"
    for name, choices in CHOICES.items():
        if getattr(options, name) not in choices:
            yield name, f"one of {', '.join(choices)}"
    yield from _wrong_together(options)


def _wrong_together(options: SandboxOptions) -> Iterator[tuple[str, str]]:
    if not _FIRST_STATUS <= options.expired_cursor_status < _PAST_STATUS:
        yield "expired_cursor_status", "400 to 499"
    if options.clock is not None and options.clock < options.start:
        yield "clock", f"{options.start} (the start) or later"
    oldest = options.tailored_to_age
    if oldest is not None and oldest < options.tailored_from_age:
        yield "tailored_to_age", "no less than tailored_from_age"
