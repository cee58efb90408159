"""How long the parts of a publication took: reading, identity, fold, staging, differences.

Clocks are put around methods of the register in the process that is measured, and nowhere else.
Keep out what is measured as a whole (`stages.py`).
"""

from __future__ import annotations

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
    "stage": (RegisterWriter, ("_stage",)),
    "diff and write": (
        RegisterWriter,
        (
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
    """Seconds by part; of parts within one another only the innermost goes on."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(_PARTS, 0.0)
        self._open: list[str] = []
        self._since = 0.0

    def around(self, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method with a clock around it."""

        @wraps(method)
        def timed(*given: Any, **more: Any) -> Any:
            self._turn()
            self._open.append(part)
            try:
                return method(*given, **more)
            finally:
                self._turn()
                self._open.pop()

        return timed

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
    rest = whole - sum(made.seconds.values())
    return {**done, "parts": {**made.seconds, REST: rest}}
