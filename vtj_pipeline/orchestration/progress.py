"""Where assets say how far they have come: to the command line that waits for them, if one does.

Keep out drawing (`cli_output.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[str, int, int | None], None]


def _ignore(what: str, done: int, total: int | None) -> None:
    """Nobody listens."""


_listener: ContextVar[Progress] = ContextVar("listener", default=_ignore)


def progress() -> Progress:
    """The function that takes (what, done, total) for the run in this process."""
    return _listener.get()


def is_watched() -> bool:
    """Whether a command line waits for the run in this process."""
    return _listener.get() is not _ignore


@contextmanager
def listening(listener: Progress) -> Iterator[None]:
    """Send the progress of runs in this context to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
