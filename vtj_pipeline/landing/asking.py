"""What every kind of landing shares when it asks: parts of lists, and positions of days.

Keep out the calls themselves (`source/`) and what each kind asks for.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from vtj_pipeline.clock import day_in_finland
from vtj_pipeline.source import LARGEST_CODE_LIST

if TYPE_CHECKING:
    from vtj_pipeline.source import SourceClient

Item = TypeVar("Item")


def in_parts(items: Sequence[Item]) -> list[Sequence[Item]]:
    """The items in order, in parts that one call may ask for (contract §2.3)."""
    return [
        items[first : first + LARGEST_CODE_LIST]
        for first in range(0, len(items), LARGEST_CODE_LIST)
    ]


class DayCursors:
    """The journal's first cursor of days, each asked once; safe to share by threads.

    Args:
        client: The source.
        old: The days are older than the source promises to keep.
    """

    def __init__(self, client: SourceClient, *, old: bool = False) -> None:
        self._client = client
        self._old = old
        self._known: dict[date, int] = {}
        self._lock = threading.Lock()

    def of(self, day: date) -> int:
        """The first cursor of a Finnish calendar day.

        Raises:
            VtjError: as `SourceClient.cursor_of_day`.
        """
        with self._lock:
            if day not in self._known:
                self._known[day] = self._client.cursor_of_day(day, old=self._old)
            return self._known[day]

    def of_today(self) -> int:
        """The first cursor of the day that is under way in Finland."""
        return self.of(day_in_finland(self._client.clock()))
