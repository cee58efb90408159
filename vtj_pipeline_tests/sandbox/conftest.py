"""A sandbox in which much happens, made once, and a world to try single events on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.world import World, first_world

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = SandboxOptions(persons=500, days=40, seed=7, activity=40.0, protected_share=0.03)
Message = dict[str, Any]


@pytest.fixture(scope="session")
def busy() -> Sandbox:
    """Treat as read-only: it is shared."""
    return Sandbox(BUSY)


def happened(
    event: Callable[[World], None], world: World, *, censored: bool = False
) -> list[Message]:
    """Let an event happen until it told something; return its messages."""
    before = len(world.journal.entries)
    world.moment = "2026-10-20T06:00:00.000Z"
    for _ in range(3000):
        event(world)
        told = world.journal.entries[before:]
        if told:
            return [orjson.loads(e.told.censored if censored else e.told.plain) for e in told]
    msg = "the event never happened"
    raise AssertionError(msg)


def outline(message: Message) -> list[tuple[str, str]]:
    """Group and attribute of each row, in order."""
    return [(row["tietoryhma"], row["muutosattribuutti"]) for row in message["tietoryhmat"]]


@pytest.fixture
def world() -> World:
    """A fresh small world."""
    return first_world(SandboxOptions(persons=400, seed=3, protected_share=0.05))


def all_messages(sandbox: Sandbox, account: str, cursor: int = 0) -> list[Message]:
    """Every message of the product after a cursor."""
    found: list[Message] = []
    while True:
        page = sandbox.changes(cursor, account=account)
        found += page["muutokset"]
        cursor = page["viimeisinKirjausavain"]
        if page["ajanTasalla"]:
            return found
