"""Where assets say how far they have come: to the command line that waits for them, if one does.

Keep out drawing (`cli_output.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[str, int, int | None], None]
Teller = Callable[[str], None]


def _ignore(what: str, done: int, total: int | None) -> None:
    """Nobody listens."""


def _say_nothing(text: str) -> None:
    """Nobody reads."""


_listener: ContextVar[Progress] = ContextVar("listener", default=_ignore)
_teller: ContextVar[Teller] = ContextVar("teller", default=_say_nothing)


def progress() -> Progress:
    """The function that takes (what, done, total) for the run in this process."""
    return _listener.get()


def teller() -> Teller:
    """The function that takes a line that a person should read before the run goes on."""
    return _teller.get()


def is_watched() -> bool:
    """Whether a command line waits for the run in this process."""
    return _listener.get() is not _ignore


@contextmanager
def listening(listener: Progress, tell: Teller = _say_nothing) -> Iterator[None]:
    """Send the progress of runs in this context to `listener`, their lines to `tell`."""
    tokens = _listener.set(listener), _teller.set(tell)
    try:
        yield
    finally:
        _listener.reset(tokens[0])
        _teller.reset(tokens[1])
