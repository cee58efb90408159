"""Logs as JSON, one object a line, for machines that gather them (`VTJ_LOG_FORMAT=json`).

`records.py` writes what Python's logging says, `lines.py` shapes what other programs write, and
`python -m vtj_pipeline.logs` does that to its standard input. No line tells of a person: of errors
that are not ours it has the class alone, and what looks like a personal identity code is withheld.
Keep out whether JSON is wanted (`settings.py`), and Dagster (`orchestration/console.py`).
"""

from vtj_pipeline.logs.line import WITHHELD, as_line, fault, without_codes
from vtj_pipeline.logs.records import JsonFormatter, Stdio, know, log_as_json

__all__ = [
    "WITHHELD",
    "JsonFormatter",
    "Stdio",
    "as_line",
    "fault",
    "know",
    "log_as_json",
    "without_codes",
]
