"""What Dagster's processes and its runs write where logs are JSON: run, job, step, asset, counts.

Without `VTJ_LOG_FORMAT=json` Dagster writes as it always does. Keep out what others than Dagster
write (`logs/`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.logs import JsonFormatter, fault, know, log_as_json
from vtj_pipeline.orchestration.failures import chain, class_of, our_error
from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    from dagster import DagsterEvent
    from dagster_shared.error import SerializableErrorInfo


def dagster_log_options() -> tuple[str, ...]:
    """What Dagster's processes are told on their command line."""
    return ("--log-format", "json") if log_format() == "json" else ()


def dagster_log_configuration() -> str:
    """What `dagster.yaml` says of logs: nothing, or that runs write JSON."""
    if log_format() == "text":
        return ""
    handler = f"{RunHandler.__module__}.{RunHandler.__qualname__}"
    return (
        f"python_logs: {{dagster_handler_config: {{handlers: {{json: {{class: {handler}}}}}}}}}\n"
    )


def dagster_log_environment() -> dict[str, str]:
    """What the processes that Dagster starts by itself are told, by their options' variables."""
    if log_format() == "text":
        return {}
    started = ("CODE_SERVER_START", "API_GRPC")
    return {f"DAGSTER_CLI_{name}_LOG_FORMAT": "json" for name in started}


class RunHandler(logging.Handler):
    """Puts a line of JSON in the place of what a run's console would write.

    Dagster's console logger cannot be replaced for runs that the UI or the daemon starts, and this
    handler, which `dagster.yaml` names, sees each record before it and after the event log: what is
    stored stays as it is. The console writes the line behind its own prefix, which is taken off by
    what shapes the lines of the whole process (`vtj_pipeline.logs`).
    """

    def __init__(self) -> None:
        super().__init__()
        self._formatter = JsonFormatter(_facts)
        log_as_json()

    def emit(self, record: logging.LogRecord) -> None:
        """Make the record's message a line, and tell our own loggers which run it is."""
        known = getattr(record, "dagster_meta", None)
        if known is not None and known["run_id"]:
            know(run_id=known["run_id"], job=known["job_name"])
        record.msg, record.args = self._formatter.format(record), ()
        record.exc_info = record.exc_text = None


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    """A record of a run: what Dagster knows about it, without its own prefix and traceback."""
    known = getattr(record, "dagster_meta", None)
    if known is None:
        return {"message": record.getMessage()}
    event = known["dagster_event"]
    return {
        "message": known["orig_message"],
        "run_id": known["run_id"],
        "job": known["job_name"],
        "step": known["step_key"],
        **(_of_event(event) if event is not None else {}),
    }


def _of_event(event: DagsterEvent) -> Mapping[str, object]:
    error = getattr(event.event_specific_data, "error", None)
    return {
        # As the UI says it; Dagster keeps an older name.
        "event": event.event_type_value.replace("PIPELINE_", "RUN_"),
        "asset": "/".join(event.asset_key.path) if event.asset_key else None,
        "counts": _counts(event) if event.is_step_materialization else None,
        "exception": _fault(error) if error is not None else None,
    }


def _counts(event: DagsterEvent) -> dict[str, int]:
    """The whole numbers of an asset's metadata."""
    metadata = event.step_materialization_data.materialization.metadata
    return {
        name: one.value
        for name, one in metadata.items()
        if isinstance(one, dg.IntMetadataValue) and one.value is not None
    }


def _fault(error: SerializableErrorInfo) -> dict[str, str]:
    for one in chain(error):
        ours = our_error(one)
        if ours is not None:
            return fault(f"{type(ours).__module__}.{type(ours).__qualname__}", str(ours))
    return fault(class_of(error) or "unknown")
