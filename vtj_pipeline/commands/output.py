"""How commands talk: answers, and notes on how the work goes, with a progress bar on a terminal.

Answers are what was asked for and stay as they are. Notes are logged where logs are JSON, and there
is no progress bar then. Keep out what is said.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Report = Callable[[str, int, int | None], None]
FORMATS = ("table", "csv", "csv-raw", "json")
# What a spreadsheet takes for a formula; a number with a sign is none.
_FORMULA = re.compile(r"\s*([=@\t\r]|[+-](?![\d\s.,:]*\Z))")
# What moves a terminal's cursor or turns the direction of its text.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
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
    """A result as an aligned table, CSV, or one JSON object a line.

    A text that a spreadsheet would run as a formula has an apostrophe before it in `csv`, and is as
    it stands in `csv-raw`. What would steer a terminal is spelt out in a table.
    """
    if form == "json":
        rows = table.to_pylist()
        return "\n".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)
    if form == "csv":
        table = _texts(table, lambda text: f"'{text}" if _FORMULA.match(text) else text)
    elif form == "table":
        table = _texts(table, lambda text: _CONTROL.sub(_spelt_out, text))
    # Half a second to load, and most commands answer with no table.
    as_arrow = import_module("pandas").ArrowDtype
    frame: pd.DataFrame = table.to_pandas(types_mapper=as_arrow)
    if form in ("csv", "csv-raw"):
        return str(frame.to_csv(index=False)).rstrip("\n")
    if frame.empty:
        return f"({', '.join(frame.columns)}: no rows)"
    return frame.to_string(index=False, na_rep="")


def _texts(table: pa.Table, change: Callable[[str], str]) -> pa.Table:
    """The table with every text of it changed."""
    for place, field in enumerate(table.schema):
        if str(field.type) in ("string", "large_string"):
            told = [None if one is None else change(one) for one in table[place].to_pylist()]
            table = table.set_column(place, field, [told])
    return table


def _spelt_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
