"""What a failed run failed with, as far as it may be told: our own errors in their own words.

Errors of others may quote what they stumbled over, and so have no words here, only a class. Keep
out who is told (`runs.py`, `alarms/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vtj_pipeline.errors import VtjError

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo

_WRAPPERS = "Dagster"


def chain(error: SerializableErrorInfo | None) -> Iterator[SerializableErrorInfo]:
    """An error and what caused it, as Dagster keeps them."""
    while error is not None:
        yield error
        error = error.cause


def our_error(error: SerializableErrorInfo) -> VtjError | None:
    """The error itself, with its first line, if the program raised it on purpose."""
    kind = _family().get(error.cls_name or "")
    # Dagster keeps it as a traceback's last line: an error of that name by others is not ours.
    if kind is None or not error.message.startswith(f"{kind.__module__}.{kind.__qualname__}"):
        return None
    return kind(error.message.strip().split("\n")[0].partition(": ")[2])


def class_of(error: SerializableErrorInfo | None) -> str | None:
    """The class of the error below what Dagster wraps around it; None if there is no error."""
    names = [one.cls_name for one in chain(error) if one.cls_name]
    unwrapped = [name for name in names if not name.startswith(_WRAPPERS)]
    return next(iter([*unwrapped, *names]), None)


def _family() -> dict[str, type[VtjError]]:
    found: dict[str, type[VtjError]] = {}
    waiting: list[type[VtjError]] = [VtjError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return found
