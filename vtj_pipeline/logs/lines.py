"""What other programs write, as JSON: lines of Dagster, of servers, of dbt.

A line that is ours passes. Dagster's own JSON is renamed. Anything else is wrapped, with its level
where it names one; the lines of a traceback become one, of which the values are left out. Keep out
what reads and writes (`__main__.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from vtj_pipeline.logs.line import as_line, fault, without_codes

OTHERS = "output"
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BEGINS = "Traceback (most recent call last):"
_BELONGS = re.compile(r"^\s|^$|^(During handling|The above exception)")
# How PostgreSQL goes on after an error's first line; it quotes rows there.
_GOES_ON = re.compile(r"^(DETAIL|HINT|CONTEXT|QUERY|LINE \d+):|^\s")
_TRACE = re.compile(r"\n+(?=Stack Trace:|Traceback \(most recent|The above exception)")
_CLASS_NAME = r"(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*|\w*(?:Error|Exception|Interrupt|Exit|Warning)"
_RAISED = re.compile(rf"^(?P<kind>{_CLASS_NAME})(?:: (?P<words>.*))?$", re.MULTILINE)
# Behind the frames of a traceback nothing else can stand.
_ENDS = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<words>.*))?$")
_QUOTED = re.compile(
    r"(?<![\w.])(?!dagster\b|vtj_pipeline\b)((?:\w+\.)*\w*(?:Error|Exception)): .*$"
)
_CLASS = re.compile(r"<class '([\w.]+)'>")
# As Dagster's console begins a line.
_PREFIXED = re.compile(r"^\d{4}-\d\d-\d\d [\d:]{8} [+-]\d{4} - \S+ - [A-Z]+ - (?P<rest>.*)$")
_LEVEL = re.compile(r"^(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)\b:?\s*(?P<rest>.*)$", re.DOTALL)


def shaped(lines: Iterable[str]) -> Iterator[str]:
    """Each line as a JSON object; those of a traceback as one, once the error that ends it came."""
    trace: list[str] = []
    after_error = False
    for line in lines:
        text = _COLOURS.sub("", line.rstrip("\r\n"))
        after_error = after_error and bool(_GOES_ON.match(text))
        if after_error:
            continue
        if trace:
            if _BELONGS.match(text) or text == _BEGINS:
                trace.append(text)
                continue
            if _ENDS.match(text):
                yield _raised([*trace, text])
                trace, after_error = [], True
                continue
            yield _raised(trace)
            trace = []
        if text == _BEGINS:
            trace = [text]
        elif text.strip():
            yield _shaped(text)
    if trace:
        yield _raised(trace)


def _shaped(text: str) -> str:
    prefixed = _PREFIXED.match(text)
    if prefixed and prefixed["rest"].startswith('{"time": '):
        text = prefixed["rest"]
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            found = {}
        if {"time", "level", "logger", "message"} <= found.keys():
            return without_codes(text)
        if {"event", "level"} <= found.keys():
            return _of_dagster(found)
    named = _LEVEL.match(text)
    level, rest = (named["level"], named["rest"]) if named else ("INFO", text)
    message, exception = told(rest)
    return as_line(level, OTHERS, message, exception=exception)


def _of_dagster(found: dict[str, Any]) -> str:
    """What Dagster's processes write with `--log-format json`."""
    message, exception = told(str(found["event"]))
    raised = _CLASS.search(str(found.get("exc_info")))
    if raised:
        exception = fault(raised[1].removeprefix("builtins."))
    return as_line(
        str(found["level"]).upper(),
        str(found.get("logger") or OTHERS),
        message,
        time=found.get("timestamp"),
        exception=exception,
    )


def told(text: str) -> tuple[str, dict[str, str] | None]:
    """A message without the traceback that it may hold, and the error that the traceback ends in.

    Of an error that is named in the message itself the words are left out, if it is not ours.
    """
    message, *trace = _TRACE.split(text, maxsplit=1)
    errors = list(_RAISED.finditer(trace[0])) if trace else []
    first = _RAISED.search(message.rpartition("\n")[2]) if trace else None
    last = errors[-1] if errors else first
    exception = fault(last["kind"], last["words"] or "") if last else None
    return _QUOTED.sub(r"\1", message), exception


def _raised(trace: list[str]) -> str:
    where = [line.strip() for line in trace if line.lstrip().startswith('File "')]
    ends = _ENDS.match(trace[-1])
    exception = fault(
        ends["kind"] if ends else "unknown",
        (ends["words"] or "") if ends else "",
        where[-1] if where else None,
    )
    return as_line("ERROR", OTHERS, "An error was not caught.", exception=exception)
