"""A day of life: how often what happens, in which order, and at what time of the day.

Yearly rates are per resident and follow Finland's roughly (births and deaths about 1 %, moves
between municipalities 5 %, within 10 %). Add an event with its rate here. Keep out what it does.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.sandbox.chance import poisson, seeded
from vtj_pipeline.sandbox.events import (
    abroad,
    adult_guardianship,
    bulk,
    cancelled,
    corrections,
    family,
    family_details,
    foreign,
    guardianship,
    identity,
    institution,
    marriage,
    moves,
    names,
    parenthood,
    postal,
    protection,
    records,
    religion,
    status,
    temporary,
    year_end,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from random import Random

    from vtj_pipeline.sandbox.world import World

    Event = Callable[[World], None]

_OPENS, _OPEN_MILLISECONDS = time(7, 30), 9 * 3600 * 1000
_DAYS_OF_YEAR = 365.2425
_NAMED_SHARE_OF_A_DAY = 0.04
_GREATEST_SKIP = 400

# One event often concerns a household, so moves are fewer than the persons who move.
YEARLY_RATES: dict[Event, float] = {
    family.birth: 0.009,
    family.death: 0.011,
    family.death_undone: 0.0001,
    moves.between: 0.030,
    moves.into_area: 0.0135,
    moves.elsewhere: 0.008,
    moves.within: 0.060,
    cancelled.cancelled_move: 0.0015,
    abroad.immigration: 0.004,
    abroad.emigration: 0.003,
    abroad.removal: 0.0004,
    names.given_name_change: 0.0015,
    names.surname_change: 0.006,
    names.call_name_change: 0.003,
    status.language_change: 0.001,
    status.citizenship_change: 0.003,
    status.code_change: 0.0004,
    protection.protection_on: 0.0006,
    protection.protection_off: 0.0005,
    postal.postal_change: 0.010,
    corrections.correction: 0.006,
    temporary.temporary_stay: 0.004,
    institution.institution: 0.001,
    foreign.foreign_address: 0.0006,
    records.record_change: 0.012,
    records.context: 0.001,
    religion.religion_change: 0.002,
    protection.protection_change: 0.0003,
    protection.protection_removed: 0.00005,
    marriage.wedding: 0.004,
    marriage.divorce: 0.002,
    marriage.turned: 0.0002,
    marriage.correction: 0.0003,
    marriage.removal: 0.0001,
    guardianship.decision: 0.002,
    guardianship.rights: 0.0008,
    guardianship.living: 0.0005,
    guardianship.correction: 0.0003,
    guardianship.removal: 0.0002,
    parenthood.confirmed: 0.0015,
    parenthood.correction: 0.0003,
    parenthood.annulled: 0.0001,
    parenthood.adoption: 0.0002,
    adult_guardianship.care: 0.0015,
    adult_guardianship.mandate: 0.0006,
    family_details.emigration_notice: 0.001,
    identity.another_code: 0.00005,
    identity.merge: 0.00002,
    identity.passivation: 0.00001,
    identity.shared_code: 0.00001,
}

# Only by option: event → option that multiplies, rate.
OPTIONAL_RATES: dict[Event, tuple[str, float]] = {
    corrections.home_restated: ("home_restated", 0.001),
}


def live_day(world: World, day: date) -> None:
    """Let one day happen: the truth changes and the journal grows.

    Everything depends on the seed, the day and the state before it, never on when it is asked for.
    """
    world.day = day
    world.rng = seeded(world.options.seed, day)
    world.journal.open_day(day, 1 + int(world.rng.random() * _GREATEST_SKIP))
    world.moment = written(datetime.combine(day, time(), tzinfo=HELSINKI).astimezone(UTC))
    for person in world.selection.turned(day):
        world.tell_turned(person)
    events = _events_of(world)
    for moment, event in zip(_moments(world.rng, day, len(events)), events, strict=True):
        world.moment = moment
        before = len(world.journal.entries)
        event(world)
        told = len(world.journal.entries) - before
        if told:
            name = f"{event.__module__.rpartition('.')[2]}.{event.__name__}"
            world.journal.told_of[day][name] += told


def _events_of(world: World) -> list[Event]:
    residents = len(world.people) / (1 + world.options.outsiders)
    times = residents / _DAYS_OF_YEAR * world.options.activity
    events: list[Event] = []
    for event, rate in YEARLY_RATES.items():
        trouble = world.options.identity_trouble if event in identity.TROUBLES else 1.0
        events += [event] * poisson(world.rng, times * rate * trouble)
    unnamed = len(world.unnamed) * _NAMED_SHARE_OF_A_DAY
    events += [family.naming] * poisson(world.rng, unnamed)
    events += [family.name_overdue] * len(family.overdue(world))
    for event, (option, rate) in OPTIONAL_RATES.items():
        times_more = getattr(world.options, option)
        if times_more:
            events += [event] * poisson(world.rng, times * rate * times_more)
    world.rng.shuffle(events)
    events = _mergers(world) + events + _floods(world)
    if world.options.protection_expiry == "message":
        events.insert(0, protection.expired)
    if (world.day.month, world.day.day) == (1, 1):
        events.insert(0, year_end.new_year)
    return events


def _mergers(world: World) -> list[Event]:
    """Return what becomes of municipalities this day; it comes before anything else of the day."""
    options = world.options
    days = {bulk.merger: options.merger_day, bulk.transfer: options.transfer_day}
    return [event for event, day in days.items() if day == world.day]


def _floods(world: World) -> list[Event]:
    """Return what else the options want to happen in bulk on this day."""
    options, day = world.options, world.day
    events: list[Event] = []
    if options.removals and day == (options.removals_day or options.last_day):
        events.append(bulk.removals)
    if options.bulk_messages and day == (options.bulk_day or options.last_day):
        events.append(bulk.flood)
    return events


def _moments(rng: Random, day: date, count: int) -> list[str]:
    """Return growing instants in the office hours of a day, as the source writes `muutospv`."""
    opens = datetime.combine(day, _OPENS, tzinfo=HELSINKI).astimezone(UTC)
    offsets = sorted(int(rng.random() * _OPEN_MILLISECONDS) for _ in range(count))
    return [written(opens + timedelta(milliseconds=offset)) for offset in offsets]


def written(instant: datetime) -> str:
    """Return an instant as the source writes it: UTC with milliseconds and Z (contract §2.2)."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
