"""How long the parts of a publication took: reading, identity, fold, COPY, differences.

A table is written while the next one is folded, so that the parts are longer than the whole
together. Clocks are put around methods of the register in the process that is measured, and
nowhere else. Keep out what is measured as a whole (`stages.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from vtj_pipeline.register.fold_engine import FoldEngine
from vtj_pipeline.register.writer import RegisterWriter
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.benchmarks.stages import do_publish

# Part → where it is done. A part within another is counted for itself alone.
_PARTS: dict[str, tuple[type, tuple[str, ...]]] = {
    "read events": (FoldEngine, ("read_new", "read_events")),
    "identify": (FoldEngine, ("identify",)),
    "fold": (
        FoldEngine,
        ("fold", "persons", "aliases", "told", "refresh_requests", "anomalies", "counted"),
    ),
    "copy": (RegisterWriter, ("_stage", "_copy")),
    "diff and write": (
        RegisterWriter,
        (
            "standing",
            "write_folded",
            "write_person",
            "write_aliases",
            "write_requests",
            "write_members",
            "relate",
            "quarantine",
            "record",
            "record_unknown",
        ),
    ),
}
REST = "rest"


class Clocks:
    """Seconds by part and thread; of parts within one another only the innermost goes on."""

    def __init__(self) -> None:
        self._threads: dict[int, _Clock] = {}

    def around(self, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method with a clock around it."""

        @wraps(method)
        def timed(*given: Any, **more: Any) -> Any:
            clock = self._threads.setdefault(threading.get_ident(), _Clock())
            clock.open(part)
            try:
                return method(*given, **more)
            finally:
                clock.close()

        return timed

    @property
    def seconds(self) -> dict[str, float]:
        """By part, of all threads."""
        clocks = self._threads.values()
        return {part: sum(one.seconds[part] for one in clocks) for part in _PARTS}

    @property
    def own_seconds(self) -> float:
        """Of this thread, in any part."""
        own = self._threads.get(threading.get_ident())
        return sum(own.seconds.values()) if own else 0.0


class _Clock:
    def __init__(self) -> None:
        self.seconds = dict.fromkeys(_PARTS, 0.0)
        self._open: list[str] = []
        self._since = 0.0

    def open(self, part: str) -> None:
        self._turn()
        self._open.append(part)

    def close(self) -> None:
        self._turn()
        self._open.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


@contextmanager
def clocks() -> Iterator[Clocks]:
    """Clocks around all parts, taken away at the end."""
    made = Clocks()
    before = [
        (kind, name, getattr(kind, name)) for kind, names in _PARTS.values() for name in names
    ]
    try:
        for part, (kind, names) in _PARTS.items():
            for name in names:
                setattr(kind, name, made.around(part, getattr(kind, name)))
        yield made
    finally:
        for kind, name, method in before:
            setattr(kind, name, method)


def do_publish_in_parts(settings: Settings, url: str) -> dict[str, Any]:
    """Publish all that is pending; as `do_publish`, with seconds by part."""
    started = time.perf_counter()
    with clocks() as made:
        done = do_publish(settings, url)
    whole = time.perf_counter() - started
    # Waiting for PostgreSQL to take a table is in it.
    rest = whole - made.own_seconds
    return {**done, "parts": {**made.seconds, REST: rest}}
