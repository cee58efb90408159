"""Every fault of the source in every landing: what passes, what stops, and equal tables after all.

A fault that may pass is waited out; one that needs a person stops the run with the error that the
client promises, and the same command finishes once it is gone. Whatever happened is in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.errors import CursorExpired, SourceUnavailable
from vtj_pipeline.landing.changes import KEPT_DAYS
from vtj_pipeline_tests.end_to_end.scene import (
    DAYS,
    FIRST,
    KINDS,
    OPTIONS,
    STAGES,
    Scene,
    Undisturbed,
    dropped,
)
from vtj_pipeline_tests.properties.world import differences
from vtj_pipeline_tests.sandbox.served import served

pytestmark = pytest.mark.slow
SHARE = {"baseline": 0.5, "changes": 0.5, "refresh": 1.0, "reconciliation": 0.5}
"""A refresh is a single call, so that it must be met each time."""
ERRORS = frozenset({500, 502, 503})


@dataclass(frozen=True)
class Expected:
    """What a fault comes to.

    Attributes:
        statuses: Of the tries that failed; None where no whole answer came.
        error: What the ledger calls it; None where nothing fails.
        settings: What makes the client meet it.
    """

    statuses: frozenset[int | None] = frozenset()
    error: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


EXPECTED = {
    "throttled": Expected(frozenset({429}), "status"),
    "throttled-seconds": Expected(frozenset({429}), "status"),
    "throttled-date": Expected(frozenset({429}), "status"),
    "error-json": Expected(ERRORS, "status"),
    "error-html": Expected(ERRORS, "status"),
    "error-xroad": Expected(ERRORS, "Server.ServerProxy.ServiceFailed"),
    # Slower than the client waits; an answer that is only slow is none of its business.
    "slow": Expected(frozenset({None}), "ReadTimeout", settings={"api_timeout_seconds": 0.3}),
    "cut": Expected(frozenset({None}), "RemoteProtocolError"),
    "cut-chunked": Expected(frozenset({None}), "RemoteProtocolError"),
    # It calls itself JSON and ends too early: cut on its way.
    "truncated": Expected(frozenset({200}), "UnreadableAnswer"),
    # What is said counts, not what it is called.
    "wrong-type": Expected(),
    # A gateway's page in the source's place.
    "login-page": Expected(frozenset({200}), "UnreadableAnswer"),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", EXPECTED)
def test_a_fault_changes_nothing_in_the_end(life: Undisturbed, kind: str, stage: str) -> None:
    expected = EXPECTED[kind]
    scene = life.begin(stage, "faulty", **expected.settings)
    scene.plan(
        faults={kind: SHARE[stage]},
        most_faults_in_a_row=2,
        retry_after_seconds=0,
        slow_seconds=0.4,
    )
    try:
        drift = scene.land(stage, "faulty")
        injected = scene.faults()["injected"]
    finally:
        scene.plan(faults="none")
    assert injected.get(kind, 0) >= 1
    _the_ledger_says(scene, stage, expected, injected[kind])
    _equals_undisturbed(life, scene, stage, drift)


@pytest.mark.parametrize("stage", STAGES)
def test_a_spent_quota_stops_and_the_next_day_goes_on(life: Undisturbed, stage: str) -> None:
    scene = life.begin(stage, "faulty")
    spent = scene.faults()["calls_today"].get(ACCOUNT[0], 0)
    scene.plan(faults="none", daily_quota=spent + (0 if stage == "refresh" else 3))
    try:
        with pytest.raises(SourceUnavailable, match="status 429"):
            scene.land(stage, "faulty")
    finally:
        scene.plan(daily_quota=None)
    failed = [one for one in scene.tries("faulty") if one[-1] is not None]
    assert len(failed) >= scene.settings.api_attempts
    assert {(status, error) for *_, status, error in failed} == {(429, "status")}
    _equals_undisturbed(life, scene, stage, scene.land(stage, "after"))


@pytest.mark.parametrize("kept", [KEPT_DAYS, 2])
def test_a_cursor_that_is_no_longer_kept_stops_the_changes(life: Undisturbed, kept: int) -> None:
    """Only the changes send one; neither baseline, refresh nor a copy's reconciliation does."""
    scene = life.begin("changes", "faulty")
    # How long the source keeps one, and what it calls it then, is not known: that today's cursor is
    # answered and this one is not tells enough.
    late = FIRST + timedelta(days=kept + DAYS)
    options = replace(OPTIONS, clock=late, activity=0.0, retention_days=kept)
    with served(options, ACCOUNT[0]) as forgetful, pytest.raises(CursorExpired, match="baseline"):
        replace(scene, client=forgetful, today=late).land("changes", "faulty")
    refused, young, answered = scene.tries("faulty")[-3:]
    assert refused[:4] == ("change", "muutokset", 1, 400)
    assert young == ("change", "kirjausavain", 1, 200, None)
    assert answered == ("change", "muutokset", 1, 200, None)
    assert scene.query("select count(*) from ledger.landing_batch where kind = 'change'") == [(0,)]
    _equals_undisturbed(life, scene, "changes", scene.land("changes", "after"))


def test_each_stage_tells_the_register_something(life: Undisturbed) -> None:
    """Else the tables would be equal whatever was lost."""
    stood = None
    for stage in STAGES:
        found = life.expected[stage]
        assert stood is None or differences(stood, found)
        stood = found
    assert life.drift is not None
    assert life.drift.drifted > 0


def _the_ledger_says(scene: Scene, stage: str, expected: Expected, injected: int) -> None:
    tries = scene.tries("faulty")
    assert {kind for kind, *_ in tries} == {KINDS[stage]}
    failed = [(status, error) for *_, status, error in tries if error is not None]
    assert {error for _, error in failed} == ({expected.error} if expected.error else set())
    assert {status for status, _ in failed} <= expected.statuses
    if expected.error == "ReadTimeout":
        # A machine that is busy may be slow by itself.
        assert len(failed) >= injected
    elif expected.error is not None:
        assert len(failed) == injected


def _equals_undisturbed(life: Undisturbed, scene: Scene, stage: str, drift: Any) -> None:
    if stage == "reconciliation":
        assert drift == life.drift
    scene.publish()
    assert differences(life.expected[stage], scene.rows()) == {}
    dropped(scene)
