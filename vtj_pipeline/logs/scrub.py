"""What no log of this process tells: personal identity codes, and the words of others' errors.

Such words may quote the row that the error stumbled over.
Keep out how a line looks (`records.py`) and what Dagster keeps (`orchestration/boundary.py`).
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import VtjError
from vtj_pipeline.logs.line import without_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_WORDS = "(what it says is withheld: it may quote data of persons)"


def scrub_logs() -> None:
    """Let every record that is made from now on, of any logger, hold neither; once a process."""
    if logging.getLogRecordFactory() is not _scrubbed_record:
        logging.setLogRecordFactory(_scrubbed_record)


def scrub_uncaught() -> None:
    """Let an error that nobody catches tell its class and where it was raised, and no more."""
    sys.excepthook = lambda _, error, __: _write(error)
    threading.excepthook = lambda told: _write(told.exc_value or told.exc_type())


def told_without_words(error: BaseException) -> str:
    """An error with where it was raised and what caused it; words are those of our own errors.

    Args:
        error: The error with its traceback.

    Returns:
        Lines as Python writes them.
    """
    return "\n".join(_lines(error))


def class_of(error: BaseException) -> str:
    """The name of its class, with its module unless that is Python's own."""
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "\nThe error above led to this one:\n"
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    words = without_codes(str(error)) if isinstance(error, VtjError) else WITHOUT_WORDS
    yield f"{class_of(error)}: {words}"


def _scrubbed_record(*arguments: Any, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(*arguments, **more)
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # logging would write the arguments out to say so
        message = f"{record.msg} (and arguments that do not fit)"
        record.msg, record.args = message, ()
    scrubbed = without_codes(message)
    if scrubbed != message:
        record.msg, record.args = scrubbed, ()
    if record.exc_info and record.exc_info[1] is not None:
        # What formatters write in the place of a traceback of their own.
        record.exc_text = told_without_words(record.exc_info[1])
    return record


def _write(error: BaseException) -> None:
    sys.stderr.write(f"{told_without_words(error)}\n")
