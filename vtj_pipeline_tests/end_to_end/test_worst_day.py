"""A month on the source's worst days, noise and faults all on: nothing is lost on the way.

Held against the source's own basic data before a reconciliation has repaired anything, so that a
change that was lost would show. Keep out single faults (`test_faults.py`) and single oddities
(`sandbox/`).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import (
    Storage,
    create_ledger,
    land_baseline,
    land_day,
    land_reconciliation,
    land_refresh,
    recorded_calls,
)
from vtj_pipeline.landing.reconcile import By
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import (
    Drift,
    create_register,
    measure_drift,
    members_to_reconcile,
    refresh_candidates,
)
from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.source import SourceClient, open_source
from vtj_pipeline_tests.end_to_end.scene import AREA, NAME, Scene
from vtj_pipeline_tests.sandbox.served import served

FIRST, DAYS = AREA.start_date, 31
END = FIRST + timedelta(days=DAYS)
OPTIONS = SandboxOptions(
    persons=150, days=DAYS, start=FIRST, clock=FIRST, seed=11, activity=40.0, page_size=10,
    faults="all", noise="all", slow_seconds=0.01,
)  # fmt: skip


def _month(client: SourceClient, storage: Storage, database: Database, http: httpx.Client) -> None:
    """The baseline on the first day, then the month day by day."""
    land_baseline(AREA, client, storage, database, run_id="test")
    http.post("/sandbox/clock", json={"today": END.isoformat()}).raise_for_status()
    days: list[date] = [FIRST + timedelta(days=number) for number in range(DAYS)]
    for day in days:
        land_day(AREA, day, client, storage, database, today=END, run_id="test")


@pytest.mark.slow
def test_a_month_of_worst_days_ends_without_drift(one_database: Database, tmp_path: Path) -> None:
    database = one_database
    create_ledger(database)
    create_register(database)
    with served(OPTIONS, ACCOUNT[0]) as http:
        scene = Scene(database, tmp_path, http, {}, today=END)
        settings, storage = scene.settings, scene.storage

        def reconcile(client: SourceClient, by: By) -> Drift:
            scene.publish()
            members = members_to_reconcile(database, NAME)
            report = land_reconciliation(
                AREA, client, storage, database, members, by=by, everybody=True, run_id="test"
            )
            assert report.absent == 0
            extract_events(database, storage, settings)
            return measure_drift(
                database, storage, settings, report.batch_ids, changed=report.changed
            )

        with (
            recorded_calls(database, AREA, kind="change", run_id="test") as log,
            open_source(settings, AREA, pause=lambda _: None, log=log) as client,
        ):
            _month(client, storage, database, http)
            scene.publish()
            # As the night does: of whom a message could not be read, nothing newer is told yet.
            due = refresh_candidates(database, NAME, END)
            land_refresh(AREA, client, storage, database, due, run_id="test")
            for by in ("perustiedot", "perustiedot-vko"):
                drift = reconcile(client, by)
                assert drift.compared > 100
                assert {
                    name: one.drifted for name, one in drift.groups.items() if one.drifted
                } == {}
        told = http.get("/sandbox/faults").json()["injected"]
    # Else the days were not that bad.
    assert len(told) > 6
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from register.quarantine")
        assert cursor.fetchone() != (0,)
