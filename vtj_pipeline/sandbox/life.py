"""One day of life: which events happen, in what order, and when each is recorded.

Chance comes from the seed and the day alone, so a day is the same whenever the clock reaches it.
Add an event to `YEARLY_RATES`. Keep out what events do.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from vtj_pipeline.sandbox import facts, moves
from vtj_pipeline.sandbox.journal import Entry, Journal
from vtj_pipeline.sandbox.world import World

Event = Callable[[World, Random], None]
HELSINKI = ZoneInfo("Europe/Helsinki")
_OPENS = time(8, 0)
_OPEN_MILLISECONDS = 8 * 3600 * 1000

# Events a year for one person of the first population. A move takes 1.6 persons on the average.
YEARLY_RATES: dict[Event, float] = {
    facts.birth: 0.009,
    facts.naming: 0.0063,
    facts.death: 0.010,
    facts.death_undone: 0.0003,
    facts.given_name: 0.002,
    facts.surname: 0.006,
    facts.call_name: 0.003,
    facts.mother_tongue: 0.001,
    facts.citizenship: 0.003,
    facts.protection_on: 0.001,
    facts.protection_off: 0.0008,
    facts.code_correction: 0.0008,
    moves.move_between: 0.031,
    moves.move_in: 0.017,
    moves.move_within: 0.062,
    moves.cancel_move: 0.002,
    moves.immigration: 0.008,
    moves.emigration: 0.003,
    moves.correct_history: 0.001,
    moves.correct_address: 0.002,
    moves.postal_address: 0.010,
}


def _events(rng: Random, persons: int, activity: float) -> list[Event]:
    events: list[Event] = []
    for event, rate in YEARLY_RATES.items():
        expected = rate * persons * activity / 365
        events += [event] * (int(expected) + (rng.random() < expected % 1))
    rng.shuffle(events)
    return events


def _instants(rng: Random, world: World, count: int) -> list[str]:
    """Return `count` growing instants in the office hours of the day, UTC with milliseconds."""
    opens = datetime.combine(world.day, _OPENS, HELSINKI).astimezone(UTC)
    offsets = sorted(int(rng.random() * _OPEN_MILLISECONDS) for _ in range(count))
    moments = [opens + timedelta(milliseconds=offset) for offset in offsets]
    return [f"{m:%Y-%m-%dT%H:%M:%S}.{m.microsecond // 1000:03d}Z" for m in moments]


def live(world: World, journal: Journal, *, seed: int, persons: int, activity: float) -> None:
    """Let the world's day happen and write its messages into the journal, then go to the next day.

    Args:
        world: The world at the start of `world.day`; changed.
        journal: Gets the messages of the product, and closes the day.
        seed: The sandbox's seed.
        persons: The size of the first population, which the rates apply to.
        activity: Multiplies the rates.
    """
    rng = Random(f"{seed}:{world.day.isoformat()}")
    world.messages.clear()
    for event in _events(rng, persons, activity):
        event(world, rng)
    key = journal.last_key
    instants = _instants(rng, world, len(world.messages))
    for message, when in zip(world.messages, instants, strict=True):
        key += 1 + int(rng.random() * 40)
        if message.is_ours:
            journal.append(Entry(key, when, message.code, message.rows, message.is_hidden))
    journal.end_day(key + int(rng.random() * 1000))
    world.day += timedelta(days=1)
