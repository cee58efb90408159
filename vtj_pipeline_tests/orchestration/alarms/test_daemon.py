"""The daemon evaluates the sensors, and keeps nothing of a person of whom a failed run told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.sensor import execute_sensor_iteration

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.alarms.sensors import CHECKS, CURSORS, RUNS
from vtj_pipeline_tests.alarms.mailbox import RECIPIENTS, SENDER, Mailbox, mailbox
from vtj_pipeline_tests.orchestration.alarms.conftest import HOOK, Place
from vtj_pipeline_tests.source.fake_source import FakeSource, running_source, told

CODE, NAME = "010190-999F", "Meikäläinen"
LOCATION = "vtj_pipeline_tests.orchestration.alarms.located"
CHECKED = dg.AssetKey(["register", "person"])


@dataclass
class Running:
    """A daemon's sensors on a real instance, and who is told."""

    workspace: WorkspaceProcessContext
    place: Place
    box: Mailbox
    server: FakeSource
    now: datetime

    def tick(self) -> None:
        """An iteration of the daemon, when every sensor is due."""
        self.now += timedelta(hours=2)
        with freeze_time(self.now):
            list(execute_sensor_iteration(self.workspace, logging.getLogger(__name__), None, None))

    def ticks(self, sensor: str) -> list[str]:
        """How a sensor's ticks ended, the last first."""
        states = self.place.instance.all_instigator_state()
        [state] = [one for one in states if one.instigator_name == sensor]
        ticks = self.place.instance.get_ticks(state.instigator_origin_id, state.selector_id)
        return [one.status.value for one in ticks]

    def kept(self) -> str:
        """Everything that Dagster keeps of sensors: ticks, cursors, logs."""
        connection = self.place.database.connect("-c search_path=dagster")
        with connection, connection.cursor() as cursor:
            cursor.execute("select tick_body from job_ticks union all "
                           "select instigator_body from instigators")  # fmt: skip
            rows = [text for (text,) in cursor.fetchall()]
        connection.close()
        logs = self.place.home / "dagster" / "storage" / "__repository__"
        files = [file for file in logs.rglob("*") if file.is_file()]
        assert rows and files
        return "\n".join([*rows, *(one.read_text("utf-8", "replace") for one in files)])


@pytest.fixture
def running(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    create_ledger(place.database)
    (place.home / "subscriptions.toml").write_text(
        '[[subscription]]\nname = "towns"\nproduct = "municipality"\nmunicipalities = ["297"]\n'
        'start_date = 2024-11-01\nbaseline = "perustiedot-vko"\n',
        "utf-8",
    )
    with ExitStack() as stack:
        box, server = stack.enter_context(mailbox()), stack.enter_context(running_source())
        server.on(HOOK, told({}))
        for name, value in {
            "VTJ_HOME": str(place.home),
            "VTJ_POSTGRES_URL": place.database.url,
            "VTJ_ALARM_SMTP_URL": f"smtp+plain://127.0.0.1:{box.port}",
            "VTJ_ALARM_EMAIL_FROM": SENDER,
            "VTJ_ALARM_EMAIL_TO": ",".join(RECIPIENTS),
            "VTJ_ALARM_WEBHOOK_URL": f"{server.url}/{HOOK}",
        }.items():
            monkeypatch.setenv(name, value)
        target = ModuleTarget(
            module_name=LOCATION, attribute=None, working_directory=None, location_name="alarms"
        )
        workspace = stack.enter_context(
            create_test_daemon_workspace_context(target, place.instance)
        )
        yield Running(workspace, place, box, server, datetime.now(UTC))


def fail_with_a_person(instance: dg.DagsterInstance) -> None:
    """A run and a check that fail and tell of a person, as none should."""

    @dg.op
    def stumble() -> None:
        msg = f"{NAME}, {CODE}"
        raise ValueError(msg)

    @dg.job(executor_def=dg.in_process_executor)
    def towns_night() -> None:
        stumble()

    towns_night.execute_in_process(instance=instance, raise_on_error=False)
    found = dg.AssetCheckEvaluation(CHECKED, "quarantine", passed=False, description=f"of {CODE}")
    instance.report_runless_asset_event(found)


@pytest.mark.slow
def test_the_daemon_tells_and_keeps_nothing_of_a_person(running: Running) -> None:
    # They are on by themselves: somebody is to be told.
    running.tick()
    assert [one["Subject"] for one in running.box.messages] == [
        "[vtj-pipeline] ERROR: Cursor is old: towns"
    ]
    fail_with_a_person(running.place.instance)
    running.tick()
    kinds = {one["kind"] for one in running.server.bodies(HOOK)}
    assert kinds == {"cursor_stale", "run_failed", "check_failed"}
    assert len(running.box.messages) == 3
    # Nobody can be told: red in the UI, and told as soon as it can be.
    fail_with_a_person(running.place.instance)
    running.box.answer = "451 not now"
    running.server.on(HOOK, told({}, status=404))
    running.tick()
    running.box.answer = "250 taken"
    running.server.on(HOOK, told({}))
    running.tick()
    assert running.ticks(RUNS) == ["SKIPPED", "FAILURE", "SKIPPED", "SKIPPED"]
    assert set(running.ticks(CHECKS)) == set(running.ticks(CURSORS)) == {"SKIPPED"}
    runs = [one for one in running.box.messages if "Run failed" in one["Subject"]]
    assert len(runs) == 2
    kept = running.kept()
    assert "position" in kept and "answered 451" in kept and "took it for 2 of 2" in kept
    sent = [one.get_content() for one in running.box.messages]
    sent.append(json.dumps(running.server.bodies(HOOK), ensure_ascii=False))
    assert "ended with ValueError" in sent[-1]
    for text in (kept, *sent):
        assert CODE not in text and NAME not in text and json.dumps(NAME)[1:-1] not in text
