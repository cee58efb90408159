"""Runs whose process is gone are closed, and no others."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.tags import GRPC_INFO_TAG

from vtj_pipeline.orchestration.deployment import CUSTOMER_TAG, Deployment
from vtj_pipeline.orchestration.runs import (
    MACHINE_TAG,
    PROCESS_TAG,
    close_abandoned_runs,
    machine,
    unfinished_runs,
)
from vtj_pipeline.settings import Settings

NOBODY = "2147483646"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as forgetful:
        yield forgetful


def began(instance: dg.DagsterInstance, **tags: str) -> str:
    """A run that is under way, by what it stores."""
    run = instance.create_run_for_job(empty, tags=tags, status=dg.DagsterRunStatus.STARTED)
    return run.run_id


ALONE = Deployment(Settings(), ())


@dg.job
def empty() -> None:
    pass


def launched_by(server: Path) -> str:
    """As Dagster notes which code server a run was launched by."""
    return json.dumps({"host": "localhost", "socket": str(server)})


def test_a_run_whose_process_or_server_is_gone_is_closed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    alive = tmp_path / "alive"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(alive))
        listener.listen()
        (tmp_path / "dead").touch()
        closed = {
            began(instance, **{PROCESS_TAG: NOBODY}),
            began(instance, **{GRPC_INFO_TAG: launched_by(tmp_path / "dead")}),
            began(instance, **{GRPC_INFO_TAG: launched_by(tmp_path / "never")}),
        }
        left = {
            began(instance, **{PROCESS_TAG: str(os.getpid())}),
            began(instance, **{GRPC_INFO_TAG: launched_by(alive)}),
            # Started again in the UI: it has the tags of the run before it.
            began(instance, **{GRPC_INFO_TAG: launched_by(alive), PROCESS_TAG: NOBODY}),
            # On another machine: nothing is known of it here.
            began(instance, **{GRPC_INFO_TAG: json.dumps({"host": "code", "port": 4000})}),
            began(instance),
        }
        assert close_abandoned_runs(instance, ALONE) == len(closed)
    found = {run.run_id: run.status for run in instance.get_runs()}
    assert {one for one, status in found.items() if status is dg.DagsterRunStatus.FAILURE} == closed
    assert {one for one, status in found.items() if status is dg.DagsterRunStatus.STARTED} == left


def test_another_customer_s_runs_are_left_alone(instance: dg.DagsterInstance) -> None:
    """Its processes cannot be seen from here, whatever they are."""
    theirs, ours = (
        began(instance, **{PROCESS_TAG: NOBODY, CUSTOMER_TAG: name}) for name in ("other", "kuopio")
    )
    kuopio = Deployment(Settings(customer="kuopio"), ())
    assert unfinished_runs(instance, kuopio) == 1
    assert close_abandoned_runs(instance, kuopio) == 1
    found = {run.run_id: run.status for run in instance.get_runs()}
    assert found == {theirs: dg.DagsterRunStatus.STARTED, ours: dg.DagsterRunStatus.FAILURE}


def folders(home: Path) -> dict[str, Any]:
    """Settings of a machine, its socket too: the environment may name another one's."""
    return {"home": home, "code_socket": home / "dagster" / "code.sock"}


def test_another_machine_s_runs_are_left_alone(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The number of its process, or its server's socket, is something else here, or nothing."""
    here, there = (
        Deployment(Settings(data_url="s3://bucket", **folders(tmp_path / name)), ())
        for name in ("here", "there")
    )
    closed = {
        began(instance, **{PROCESS_TAG: NOBODY, MACHINE_TAG: machine(here)}),
        began(instance, **{GRPC_INFO_TAG: launched_by(here.settings.code_server)}),
    }
    left = {
        began(instance, **{PROCESS_TAG: NOBODY, MACHINE_TAG: machine(there)}),
        began(instance, **{GRPC_INFO_TAG: launched_by(there.settings.code_server)}),
    }
    assert close_abandoned_runs(instance, here) == len(closed)
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    assert {run.run_id for run in instance.get_runs(started)} == left
