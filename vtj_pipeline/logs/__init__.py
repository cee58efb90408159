"""What logs may tell, and logs as JSON, one object a line (`VTJ_LOG_FORMAT=json`).

`scrub.py` keeps personal data out of whatever this process logs. `records.py` writes what Python's
logging says as JSON, `lines.py` shapes what other programs write, and `python -m
vtj_pipeline.logs` does that to its standard input. No line tells of a person: of errors that are
not ours it has the class alone, and what looks like a personal identity code is withheld. Keep out
whether JSON is wanted (`settings.py`), and Dagster (`orchestration/console.py`).
"""

from vtj_pipeline.logs.line import WITHHELD, as_line, fault, without_codes
from vtj_pipeline.logs.records import JsonFormatter, Stdio, know, log_as_json
from vtj_pipeline.logs.scrub import class_of, scrub_logs, scrub_uncaught, told_without_words

__all__ = [
    "WITHHELD",
    "JsonFormatter",
    "Stdio",
    "as_line",
    "class_of",
    "fault",
    "know",
    "log_as_json",
    "scrub_logs",
    "scrub_uncaught",
    "told_without_words",
    "without_codes",
]
