"""What Python's logging says, as JSON.

Keep out lines of other programs (`lines.py`).
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import VtjError
from vtj_pipeline.logs.line import as_line, fault
from vtj_pipeline.logs.scrub import class_of

if TYPE_CHECKING:
    from types import TracebackType

Facts = Callable[[logging.LogRecord], Mapping[str, object]]
_about: dict[str, str] = {}


def know(**about: str) -> None:
    """Say what all lines of this process are about from now on, such as run_id and job."""
    _about.clear()
    _about.update(about)


def _of_record(record: logging.LogRecord) -> Mapping[str, object]:
    return {"message": record.getMessage(), **_about}


class JsonFormatter(logging.Formatter):
    """Makes a line of a record.

    Args:
        facts: The record's message and further fields; by default what `know` was told.
    """

    def __init__(self, facts: Facts = _of_record) -> None:
        super().__init__()
        self._facts = facts

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object, without the end of the line."""
        fields: dict[str, Any] = dict(self._facts(record))
        if record.exc_info and record.exc_info[1] is not None:
            fields.setdefault("exception", _raised(record.exc_info[1]))
        time = datetime.fromtimestamp(record.created, UTC)
        return as_line(record.levelname, record.name, time=time, **fields)


class Stdio(logging.Handler):
    """Writes to standard output, and from WARNING on to standard error, as commands do."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line at once, whatever the streams are by now."""
        stream = sys.stderr if record.levelno >= logging.WARNING else sys.stdout
        try:
            stream.write(self.format(record) + "\n")
            stream.flush()
        except Exception:  # as every handler does: logging must not end the work
            self.handleError(record)


def log_as_json() -> None:
    """Let this process log as JSON: ours from INFO on, others' from WARNING on.

    Dagster's loggers are left alone: what a run says has handlers of its own. An error that nobody
    catches becomes a line, too.
    """
    handler = Stdio()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(lambda record: not record.name.startswith("dagster"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("vtj_pipeline").setLevel(logging.INFO)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


def _uncaught(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    logging.getLogger("vtj_pipeline").critical(
        "An error was not expected, and ended the work.", exc_info=(kind, error, at)
    )


def _raised(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else None
    return fault(class_of(error), str(error) if isinstance(error, VtjError) else "", at)
