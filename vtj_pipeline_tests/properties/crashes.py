"""Crashes at a step of one's choice: a database and a storage that stop working there for good.

A step is a statement, a fetch, a commit (before it and after it), a file moved to its place (before
and after). After the crash nothing more reaches the server or the disk, as from a process that is
gone. Keep out what is run and what is expected (`test_crash.py`, `victim.py`).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database

_COUNTED = frozenset({"execute", "executemany", "adbc_ingest", "fetchone", "fetchall"})
_COUNTED_TWICE = frozenset({"commit"})
_NEVER = 10**9


class Crash(BaseException):
    """The process is gone; not an `Exception`, so that nobody handles it."""


@dataclass
class Steps:
    """Counts steps and ends everything at one of them.

    Attributes:
        last: The step that is not taken any more.
        end: What happens there.
        taken: How many were taken.
    """

    last: int = _NEVER
    end: Callable[[], None] | None = None
    taken: int = 0

    @property
    def over(self) -> bool:
        """Whether the process is gone."""
        return self.taken >= self.last

    def take(self) -> None:
        """Take a step, or be gone."""
        if not self.over:
            self.taken += 1
        if self.over:
            if self.end is not None:
                self.end()
            raise Crash


def kill() -> None:
    """End this process as the kernel would."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class FragileDatabase(Database):
    """A database whose connections take steps."""

    steps: Steps = field(default_factory=Steps)

    def connect(self) -> Any:
        """A psycopg2 connection that takes steps."""
        self.steps.take()
        return _Fragile(super().connect(), self.steps)

    def adbc(self) -> Any:
        """An ADBC connection that takes steps."""
        self.steps.take()
        return _Fragile(super().adbc(), self.steps)


@dataclass(frozen=True)
class FragileStorage(Storage):
    """A storage whose files take steps to their places."""

    steps: Steps = field(default_factory=Steps)

    def write(self, path: str, content: bytes) -> str:
        """Write a file, with a step before and after."""
        self.steps.take()
        written = super().write(path, content)
        self.steps.take()
        return written

    def adopt(self, temporary: Path, path: str) -> None:
        """Move a file, with a step before and after."""
        self.steps.take()
        super().adopt(temporary, path)
        self.steps.take()


class _Fragile:
    """A connection or cursor that passes everything on, one step at a time."""

    def __init__(self, inner: Any, steps: Steps) -> None:
        self.__dict__.update(_inner=inner, _steps=steps)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "cursor":
            return lambda *given, **more: _Fragile(found(*given, **more), self._steps)
        if name == "close" or not callable(found):
            return found
        return lambda *given, **more: self._pass_on(name, found, given, more)

    def _pass_on(self, name: str, call: Any, given: tuple[Any, ...], more: dict[str, Any]) -> Any:
        if self._steps.over:
            raise Crash
        if name in _COUNTED or name in _COUNTED_TWICE:
            self._steps.take()
        answer = call(*given, **more)
        if name in _COUNTED_TWICE:
            self._steps.take()
        return answer

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)

    def __enter__(self) -> _Fragile:
        self._inner.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if self._steps.over:
            # Who is gone neither commits nor rolls back: the server notices that they are.
            self._inner.close()
            return False
        is_commit = kind is None and hasattr(self._inner, "commit")
        if is_commit:
            self._steps.take()
        answer = self._inner.__exit__(kind, error, trace)
        if is_commit:
            self._steps.take()
        return answer
