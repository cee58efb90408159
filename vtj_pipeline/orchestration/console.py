"""What runs and Dagster's processes write where logs are JSON: run, job, step, asset, counts.

Without `VTJ_LOG_FORMAT=json` Dagster writes as it always does. Keep out what others than Dagster
write (`logs/`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.logs import JsonFormatter, Stdio, fault, know, log_as_json
from vtj_pipeline.orchestration.failures import chain, class_of, our_error
from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    from dagster import DagsterEvent, InitLoggerContext
    from dagster_shared.error import SerializableErrorInfo


def dagster_log_options() -> tuple[str, ...]:
    """What Dagster's processes are told on their command line."""
    return ("--log-format", "json") if log_format() == "json" else ()


def dagster_log_environment() -> dict[str, str]:
    """What the processes that Dagster starts by itself are told, by their options' variables."""
    if log_format() == "text":
        return {}
    started = ("CODE_SERVER_START", "API_GRPC")
    return {f"DAGSTER_CLI_{name}_LOG_FORMAT": "json" for name in started}


@dg.logger(  # type: ignore[untyped-decorator]
    config_schema=dg.colored_console_logger.config_schema,
    description="What the process of a run writes: coloured text, or JSON (VTJ_LOG_FORMAT).",
)
def console(context: InitLoggerContext) -> logging.Logger:
    """The logger of a run, as `VTJ_LOG_FORMAT` says."""
    if log_format() == "text":
        return dg.colored_console_logger.logger_fn(context)
    if context.run_id and context.job_def:
        know(run_id=context.run_id, job=context.job_def.name)
    log_as_json()
    handler = Stdio()
    handler.setFormatter(JsonFormatter(_facts))
    config = context.logger_config
    logger = logging.Logger(config["name"], config["log_level"])
    logger.addHandler(handler)
    return logger


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
        "event": event.event_type_value,
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
