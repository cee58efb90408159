"""How commands talk: answers, and notes on how the work goes, with a progress bar on a terminal.

Answers are what was asked for and stay as they are. Notes are logged where logs are JSON, and there
is no progress bar then. Keep out what is said.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    import pyarrow as pa

Report = Callable[[str, int, int | None], None]
FORMATS = ("table", "csv", "json")
_logger = logging.getLogger(__name__)


def say(text: str = "") -> None:
    """One line of an answer to standard output, at once."""
    print(text, flush=True)


def note(text: str) -> None:
    """One line on how the work goes: to standard output, or the log where that is JSON."""
    if log_format() == "json":
        _logger.info("%s", text.strip())
    else:
        say(text)


def complain(text: str) -> None:
    """One line to standard error, at once."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[Report]:
    """Show a step of work and its seconds; yields the function that takes its progress."""
    started = time.perf_counter()
    if sys.stdout.isatty() and log_format() == "text":
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(), transient=True) as bar:
            task = bar.add_task(title, total=None)

            def show(what: str, done: int, total: int | None) -> None:
                bar.update(task, description=f"{title}: {what}", completed=done, total=total)

            yield show
    else:
        note(f"{title} …")
        yield _tenths()
    note(f"{title}: done in {time.perf_counter() - started:.1f} s")


def _tenths() -> Report:
    """A report that prints a line for each tenth of the work."""
    last = -1

    def show(what: str, done: int, total: int | None) -> None:
        nonlocal last
        tenth = 10 * done // total if total else 0
        if total and tenth != last:
            last = tenth
            note(f"  {what}: {done} of {total}")

    return show


def formatted(table: pa.Table, form: str) -> str:
    """A result as an aligned table, CSV, or one JSON object a line."""
    if form == "json":
        rows = table.to_pylist()
        return "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    if form == "csv":
        return str(frame.to_csv(index=False)).rstrip("\n")
    if frame.empty:
        return f"({', '.join(frame.columns)}: no rows)"
    return frame.to_string(index=False, na_rep="")
