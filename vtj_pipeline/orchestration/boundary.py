"""What may leave a function that Dagster calls: our own errors, and no more than others' class.

Dagster keeps an error in its storage with its words and causes, and shows them in the UI. Words of
PostgreSQL, DuckDB or Python may quote the row that they stumbled over. Put `guarded` below the
decorator of each asset, check, schedule and sensor.
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from vtj_pipeline.errors import NotExpected, VtjError
from vtj_pipeline.logs import class_of

P = ParamSpec("P")
R = TypeVar("R")
GUARDED = "__guarded__"
_PACKAGE = Path(__file__).parents[1]


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise errors of ours alone, and those without the causes that are others'.

    Raises:
        NotExpected: in the place of any error that is not ours.
    """

    @functools.wraps(function)
    def called(*arguments: P.args, **more: P.kwargs) -> R:
        with _without_words():
            return function(*arguments, **more)

    @functools.wraps(function)
    def generated(*arguments: P.args, **more: P.kwargs) -> Iterator[object]:
        with _without_words():
            yield from cast("Iterator[object]", function(*arguments, **more))

    wrapper = generated if inspect.isgeneratorfunction(function) else called
    setattr(wrapper, GUARDED, True)
    return cast("Callable[P, R]", wrapper)


@contextmanager
def _without_words() -> Iterator[None]:
    try:
        yield
    except VtjError as error:
        _forget_others(error)
        raise
    except Exception as error:
        raise NotExpected(_told(error)) from None


def _forget_others(error: BaseException) -> None:
    """Cut the chain of causes where it comes to an error of others."""
    cause = error.__cause__
    if isinstance(cause, VtjError):
        _forget_others(cause)
    else:
        error.__cause__ = error.__context__ = None


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _PACKAGE in Path(frame.filename).parents]
    places = [
        f"{Path(frame.filename).relative_to(_PACKAGE)}:{frame.lineno} in {frame.name}"
        for frame in ours
        if frame.filename != __file__
    ]
    return (
        f"An error that nobody expected ended the work: {class_of(error)}, raised below "
        f"{', '.join(places) or 'no code of ours'}. Its words are withheld, since they may quote "
        "data of persons. If it comes again, please report it with this line."
    )
