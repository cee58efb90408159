"""Every received row read from the landed bodies alone, and its fate in the register.

Keep out what decides a fate (`fates.py`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vtj_pipeline.landing import landed_batches, read_pages
from vtj_pipeline_tests.properties.fates import HELD, LOST, QUARANTINED, Received, Register, fate
from vtj_pipeline_tests.properties.world import World

HELSINKI = ZoneInfo("Europe/Helsinki")


def places(body: Any) -> Iterator[tuple[int, Any, list[Any] | None]]:
    """The messages of an answer from 1 on, with their rows where they can be told apart."""
    for number, message in enumerate(body.get("muutokset", body.get("perustiedot")), start=1):
        rows = message.get("tietoryhmat") if isinstance(message, dict) else None
        yield number, message, rows if isinstance(rows, list) else None


@dataclass(frozen=True)
class Landed:
    """A received row, whether it is in quarantine, and where its message stands in the journal."""

    received: Received | None
    code: str | None
    order: tuple[int, int, datetime]
    broken: bool

    @property
    def is_answer(self) -> bool:
        """Whether it is basic data."""
        return self.order[1] == 0


def all_received(world: World) -> Iterator[Landed]:
    """Every row that was landed, read from the bodies alone; one for a message without rows."""
    faults = set(world.query("select batch_id, page, message, line from register.quarantine"))
    for batch in landed_batches(world.database):
        for page in read_pages(world.storage, batch).to_pylist():
            for number, message, rows in places(json.loads(page["body"])):
                place = (batch.batch_id, page["sequence"], number)
                if (*place, 0) in faults:
                    yield Landed(None, _code(message), _order(page, number, message), True)
                    continue
                assert rows is not None
                for line, row in enumerate(rows, start=1):
                    order = _order(page, number, message)
                    broken = (*place, line) in faults
                    read = (
                        None
                        if broken
                        else Received(_code(message) or "", order[2], row, order[1] == 0)
                    )
                    yield Landed(read, _code(message), order, broken)


def _code(message: Any) -> str | None:
    return message.get("henkilotunnus") if isinstance(message, dict) else None


def _order(page: dict[str, Any], number: int, message: Any) -> tuple[int, int, datetime]:
    """Position in the journal, changes after answers, and the moment of recording."""
    if page["kind"] == "change":
        told = message.get("muutospv") if isinstance(message, dict) else None
        at = datetime.fromisoformat(told) if told else page["fetched_at"]
        return page["cursor_in"] + number - 1, 1, at
    day = page["extraction_date"]
    at = datetime(day.year, day.month, day.day, tzinfo=HELSINKI) if day else page["fetched_at"]
    return page["cursor_in"], 0, at


def fates_of(world: World, received: list[Landed]) -> Iterator[tuple[str, str]]:
    """The fate of each row with what it is: its group and how it changed."""
    register = Register.of(world)
    held = _held(received, register)
    messages: dict[Any, list[Any]] = defaultdict(list)
    for one in received:
        if one.received is not None:
            messages[one.code, one.order].append(one.received.row)
    for one in received:
        if one.received is None:
            yield QUARANTINED, ""
            continue
        name = f"{one.received.row['tietoryhma']} {one.received.attribute}"
        own = fate(one.received, messages[one.code, one.order], register)
        yield (HELD if own == LOST and (one.code, one.order) in held else own), name


def _held(received: list[Landed], register: Register) -> set[Any]:
    """Messages from one that could not be read on, until an answer that could.

    An answer under a code that two persons have had may be about the other one.
    """
    by_person: dict[str, list[Landed]] = defaultdict(list)
    for one in received:
        for person in register.persons[one.code or ""]:
            by_person[person].append(one)
    held = set()
    own = {code for code, persons in register.persons.items() if len(persons) == 1}
    for rows in by_person.values():
        broken_messages = {one.order for one in rows if one.broken}
        waits = False
        answers = {one.order for one in rows if one.is_answer and one.code in own}
        for order in sorted({one.order for one in rows}):
            waits = order in broken_messages or (waits and order not in answers)
            if waits:
                held |= {(one.code, one.order) for one in rows if one.order == order}
    return held
