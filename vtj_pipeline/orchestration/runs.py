"""Ordinary Dagster runs started from the command line, in this process.

Keep out what a run does.
"""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

import dagster as dg
import psutil
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    GRPC_INFO_TAG,
)

from vtj_pipeline.errors import PermanentError, VtjError
from vtj_pipeline.logs import know
from vtj_pipeline.orchestration.failures import chain, our_error

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.orchestration.deployment import Deployment

PROCESS_TAG = "vtj/process"
MACHINE_TAG = "vtj/machine"
"""Where that process is: the numbers of another machine's processes mean nothing here."""
_INTERRUPTIONS = ("KeyboardInterrupt", "DagsterExecutionInterruptedError")
_BEGUN = [
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.CANCELING,
]
UNFINISHED = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, *_BEGUN]


class RunFailed(PermanentError):
    """A run ended without having done its work."""


def range_tags(first: date, last: date) -> dict[str, str]:
    """The tags of a run of several partition days."""
    return {
        ASSET_PARTITION_RANGE_START_TAG: first.isoformat(),
        ASSET_PARTITION_RANGE_END_TAG: last.isoformat(),
    }


def run_job(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    *,
    days: tuple[date, date] | None = None,
    partitions: tuple[str, str] | None = None,
    config: dict[str, Any] | None = None,
    deployment: Deployment | None = None,
) -> dict[str, dict[str, Any]]:
    """Run a job to its end, and return each materialised asset's metadata by asset key.

    Args:
        definitions: Where the job stands.
        instance: The instance that keeps the run.
        job: Its name.
        days: First and last partition day, for a job of days.
        partitions: First and last partition, for a job with others.
        config: Run configuration of the ops.
        deployment: Whose job it is; its own part of the keys is left out of what is returned.

    Raises:
        VtjError: what the run failed with, where the program raised it on purpose.
        RunFailed: the run failed with something else; Dagster has the details.
    """
    tags = {PROCESS_TAG: str(os.getpid())}
    if deployment is not None:
        tags |= {MACHINE_TAG: machine(deployment), **deployment.run_tags}
    if days is not None:
        tags |= range_tags(*days)
    if partitions is not None:
        tags |= {
            ASSET_PARTITION_RANGE_START_TAG: partitions[0],
            ASSET_PARTITION_RANGE_END_TAG: partitions[1],
        }
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    try:
        result = definitions.resolve_job_def(job).execute_in_process(
            run_config={**quiet, **({"ops": config} if config else {})},
            instance=instance,
            tags=tags,
            raise_on_error=False,
        )
    except dg.DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error
    finally:
        know()  # what this process logs from here on is not about the run
    if not result.success:
        raise _failure(result, job)
    own = len(deployment.within) if deployment else 0
    return {
        "/".join(event.asset_key.path[own:]): {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
        if event.asset_key is not None
    }


def unfinished_runs(instance: dg.DagsterInstance, deployment: Deployment) -> int:
    """How many runs of a deployment wait or are under way."""
    wanted = dg.RunsFilter(statuses=UNFINISHED, tags=deployment.run_tags)
    return instance.get_runs_count(wanted)


def close_abandoned_runs(instance: dg.DagsterInstance, deployment: Deployment) -> int:
    """Mark the runs of a deployment whose process is gone as failed; returns how many.

    They would keep their places in the pools, and every later run would wait for ever: Dagster's
    own monitoring does not see whether a local process lives. Other customers' are left alone:
    whether their processes live cannot be seen from here.
    """
    closed = 0
    for run in instance.get_runs(dg.RunsFilter(statuses=_BEGUN, tags=deployment.run_tags)):
        if _is_abandoned(run, deployment):
            instance.report_run_failed(run, "The process that ran it is gone.")
            closed += 1
    return closed


def machine(deployment: Deployment) -> str:
    """Which of the machines that share an instance this one is, for this deployment."""
    return f"{socket.gethostname()}:{deployment.settings.home.absolute()}"


def _is_abandoned(run: dg.DagsterRun, deployment: Deployment) -> bool:
    # First, since a run that is started again in the UI has the tags of the one before.
    server = json.loads(run.tags.get(GRPC_INFO_TAG, "{}")).get("socket")
    if server is not None:
        # Where files stand in an object store another machine's server may have launched it.
        settings = deployment.settings
        may_be_elsewhere = settings.data_url is not None and server != str(settings.code_server)
        return not may_be_elsewhere and not _is_listening(server)
    process = run.tags.get(PROCESS_TAG)
    if process is None or run.tags.get(MACHINE_TAG, machine(deployment)) != machine(deployment):
        return False
    return not psutil.pid_exists(int(process))


def _is_listening(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def _failure(result: dg.ExecuteInProcessResult, job: str) -> VtjError:
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        for error in chain(event.step_failure_data.error):
            if error.cls_name in _INTERRUPTIONS:
                raise KeyboardInterrupt
            ours = our_error(error)
            if ours is not None:
                return ours
    return RunFailed(
        f"Job {job} was run and failed. Open run {result.run_id} in the UI (vtj-pipeline dev), or "
        "start the command again: it goes on where it stopped."
    )
