"""A publication's writes, one after the other in a thread, while more is folded.

Keep out what is written and in which order (`publish.py`) and how (`writer.py`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from vtj_pipeline.register.writer import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from vtj_pipeline.register.writer import RegisterWriter


class Writing:
    """What is written one after the other, as it was given, while more is folded.

    Args:
        writer: Of the publication.
        most_waiting: How many tables may wait, which are in memory; None: any number.
    """

    def __init__(self, writer: RegisterWriter, most_waiting: int | None = None) -> None:
        self._writer = writer
        self._most_waiting = most_waiting
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[tuple[str | None, Future[Any]]] = deque()
        self._changes: dict[str, Changes] = {}

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            # Nobody waits for a large table to be written before a run is stopped.
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._writer.give_up()
        self._pool.shutdown()

    def write(self, table: str, work: Callable[..., Changes], *given: object) -> None:
        """Have rows of a table written; waits where too many tables do.

        Raises:
            Exception: whatever something before it failed with.
        """
        while self._most_waiting is not None and len(self._waiting) >= self._most_waiting:
            self._take()
        self._waiting.append((table, self._pool.submit(work, *given)))

    def then(self, work: Callable[[], None]) -> None:
        """Have something done behind what waits, that keeps nothing in memory."""
        self._waiting.append((None, self._pool.submit(work)))

    def done(self) -> dict[str, Changes]:
        """Wait for all of it; table → what changed.

        Raises:
            Exception: whatever some of it failed with.
        """
        while self._waiting:
            self._take()
        return self._changes

    def _take(self) -> None:
        table, future = self._waiting.popleft()
        # A failure stops it all.
        changed = future.result()
        if table is not None:
            self._changes[table] = self._changes.get(table, Changes()) + changed
