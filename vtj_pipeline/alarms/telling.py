"""Telling what is due so that nothing is lost and, but for a crash, nothing is told twice.

Each notifier has a memory of its own of what it has told, so that one that fails keeps its place
while the others go on. Keep out what is due (`orchestration/alarms/`) and where memories are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vtj_pipeline.alarms.notifier import tell

if TYPE_CHECKING:
    from vtj_pipeline.alarms.alarm import Alarm
    from vtj_pipeline.alarms.notifier import Notifier, Told

# What a notifier has told, as JSON can hold it; whoever says what is due decides the rest.
Memory = Mapping[str, Any]


@dataclass(frozen=True)
class Due:
    """The next step of a notifier.

    Attributes:
        alarm: What to tell; None if there is only something to remember.
        then: The notifier's memory once it is told.
    """

    alarm: Alarm | None
    then: Memory


@dataclass(frozen=True)
class Outcome:
    """What came of telling.

    Attributes:
        memories: Each notifier's memory, by its name; those that are no more are forgotten.
        told: What came of each alarm and notifier that was tried, in order.
        is_cut: There was more to tell than time.
    """

    memories: dict[str, Memory]
    told: tuple[Told, ...]
    is_cut: bool

    @property
    def failures(self) -> tuple[Told, ...]:
        """What was not told and stays due."""
        return tuple(one for one in self.told if one.receipt is None)


def tell_due(
    notifiers: Iterable[Notifier],
    memories: Mapping[str, Memory],
    due: Callable[[Memory | None], Iterator[Due]],
    is_late: Callable[[], bool],
) -> Outcome:
    """Tell by every notifier what is due to it, in order, until it fails or time is up.

    Args:
        notifiers: By whom to tell.
        memories: What each has told, by its name.
        due: The steps of a notifier with such a memory; None for one that is new.
        is_late: Whether to begin nothing more. It is asked before each alarm but a notifier's
            first, so that a slow one does not silence the next.
    """
    kept: dict[str, Memory] = {}
    told: list[Told] = []
    is_cut = False
    for notifier in notifiers:
        memory = memories.get(notifier.name)
        is_first = True
        for step in due(memory):
            if step.alarm is not None:
                if not is_first and is_late():
                    is_cut = True
                    break
                is_first = False
                told.append(tell(notifier, step.alarm))
                if told[-1].receipt is None:
                    break
            memory = step.then
        if memory is not None:
            kept[notifier.name] = memory
    return Outcome(kept, tuple(told), is_cut)
