"""Cancelled moves: what was told is removed, what stood before stands again (contract §4.3).

Keep out corrections that leave the move in place (`corrections.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.chance import pick

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Address, Stay
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import Move, World

_KEPT = 2000


def cancelled_move(world: World) -> None:
    """Cancel one of the latest moves, if the person still lives where it led.

    Only moves from, to or in the area: a product must hear of a cancelled row that it was told.
    """
    del world.recent_moves[:-_KEPT]
    if not world.recent_moves:
        return
    for _ in range(20):
        move = pick(world.rng, world.recent_moves)
        if _stands(move) and _concerns_area(world, move):
            world.recent_moves.remove(move)
            _cancel(world, move)
            return


def _concerns_area(world: World, move: Move) -> bool:
    return bool({move.old_home.municipality, move.new_home.municipality} & world.area)


def _stands(move: Move) -> bool:
    person = move.person
    if person.home != move.new_home or person.address != move.new_address:
        return False
    was_there = move.old_home == move.new_home or (
        bool(person.past_homes) and person.past_homes[-1]._replace(until=None) == move.old_home
    )
    return person.is_alive and was_there


def _cancel(world: World, move: Move) -> None:
    person, before = move.person, move.person.municipality
    closed_home = person.past_homes[-1] if move.old_home != move.new_home else None
    closed_address = _closed(move)
    person.home, person.address = move.old_home, move.old_address
    person.past_addresses = tuple(a for a in person.past_addresses if a != closed_address)
    rows = _address_rows(move, closed_address)
    if closed_home is not None:
        person.past_homes = person.past_homes[:-1]
        person.bookkeeping = move.old_bookkeeping
        rows += _home_rows(world, move, closed_home)
    rows += _dwelling_rows(move, closed_address)
    if closed_home is not None:
        rows += _bookkeeping_rows(move)
    world.tell(person, before, rows)


def _closed(move: Move) -> Address | None:
    """The old address as the move closed it."""
    if move.old_address is None:
        return None
    for address in reversed(move.person.past_addresses):
        if address._replace(until=None) == move.old_address:
            return address
    return None


def _address_rows(move: Move, closed: Address | None) -> list[Row]:
    old = [] if move.old_address is None else [r.address_row(move.old_address)]
    rows = [r.said("POISTETTU", r.address_row(move.new_address), old)]
    if closed is not None and move.old_address is not None:
        rows.append(r.said("KORJATTAVA", r.address_row(closed)))
        rows.append(r.said("KORJATTU", r.address_row(move.old_address)))
    return rows


def _dwelling_rows(move: Move, closed: Address | None) -> list[Row]:
    old = [] if move.old_address is None else [r.dwelling_row(move.old_address)]
    rows = [r.said("POISTETTU", r.dwelling_row(move.new_address), old)]
    if closed is not None and move.old_address is not None:
        rows.append(r.said("KORJATTAVA", r.dwelling_row(closed)))
        rows.append(r.said("KORJATTU", r.dwelling_row(move.old_address)))
    return rows


def _bookkeeping_rows(move: Move) -> list[Row]:
    if move.old_bookkeeping is None:
        return [r.said("POISTETTU", r.bookkeeping_row(move.new_home))]
    return [r.said("MUUTETTU", r.bookkeeping_row(move.old_bookkeeping))]


def _home_rows(world: World, move: Move, closed: Stay) -> list[Row]:
    """The rows of the municipality; a protected person's are told without the reopened stay.

    EDELLINEN_KOTIKUNTA is not masked, and without an end it would tell where the person lives.
    """
    old = world.home_row(move.old_home)
    rows = [
        r.said("POISTETTU", world.home_row(move.new_home), [old]),
        r.said("LISATIETO", old),
    ]
    if move.person.is_protected:
        rows.append(r.said("POISTETTU", r.past_home_row(closed)))
    elif world.rng.random() < world.options.cancelled_pair_share:
        rows.append(r.said("KORJATTAVA", r.past_home_row(closed)))
        rows.append(r.said("KORJATTU", r.past_home_row(move.old_home)))
    return rows
