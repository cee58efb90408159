"""Two customers' processes on one Dagster: one's source is silent, and the other's night goes on.

All of it is real: code servers, daemon and UI as services start them, a sandbox for each customer,
runs launched as the UI launches them.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest

from vtj_pipeline_tests.customers.place import NAMES, Place, running_place
from vtj_pipeline_tests.customers.services import (
    TOWN,
    Services,
    point_at_source,
    running_services,
)
from vtj_pipeline_tests.leaks import leaks_in_databases
from vtj_pipeline_tests.orchestration.ui import ask
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
SILENT, WELL = NAMES[:2]
START = date(2026, 10, 1)
LIFE = {"persons": 40, "days": 3, "wellbeing_area": "11", "start": START.isoformat()}
_MADE = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
assetMaterializations { runId } } } }"""
_STATUS = ("customers", "status", "--json")


@pytest.fixture
def place() -> Iterator[Place]:
    """The two customers, with nobody else's products."""
    with running_place() as place:
        for name in (SILENT, WELL):
            place.add(name)
        yield place
        assert leaks_in_databases(place.admin.url) == []


@pytest.fixture
def sources(place: Place) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """The sandbox of each of the two."""
    with ExitStack() as stack:
        found = {}
        for number, name in enumerate((SILENT, WELL), 1):
            process, url = stack.enter_context(sandbox_process(**LIFE, seed=number))
            # A source that is silent for as long as the test takes.
            point_at_source(place, name, url, START, VTJ_API_TIMEOUT_SECONDS="3000")
            found[name] = process
        yield found


@pytest.fixture
def services(place: Place, tmp_path: Path) -> Iterator[Services]:
    with running_services(place, tmp_path) as services:
        yield services


def count(place: Place, customer: str, table: str) -> int:
    connection = psycopg2.connect(place.url(customer))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {table}")
            [(number,)] = cursor.fetchall()
            return int(number)
    finally:
        connection.close()


def test_one_customer_s_silent_source_holds_nobody_back(
    place: Place,
    services: Services,
    sources: dict[str, subprocess.Popen[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in (SILENT, WELL):
        services.start_code(name)
    services.start_shared()
    services.until_loaded({SILENT, WELL})
    # As many runs of one as would fill every place that there is, and it gets no answer.
    sources[SILENT].send_signal(signal.SIGSTOP)
    waiting = [services.launch(SILENT, f"{TOWN}_baseline") for _ in range(4)]
    services.until(
        "at work", lambda: any(services.runs()[one].status == "STARTED" for one in waiting)
    )
    # The other's night: what the UI starts of jobs, and of assets that somebody picks.
    well = [
        services.ended(services.launch(WELL, job, day))
        for job, day in ((f"{TOWN}_baseline", None), (f"{TOWN}_night", START))
    ]
    picked = [[WELL, "events", "event_rows"], [WELL, "register", "person"]]
    well.append(services.ended(services.launch(WELL, "__ASSET_JOB", assets=picked[:1])))
    assert [run.status for run in well] == ["SUCCESS"] * 3
    assert count(place, WELL, "register.person") > 20
    runs = services.runs()
    assert {runs[one].status for one in waiting} <= {"STARTED", "QUEUED", "STARTING"}
    assert count(place, SILENT, "ledger.landing_batch") == 0
    # Whose a run is stands on every one, and what follows by itself is no exception.
    assert {runs[one].customer for one in waiting} == {SILENT}
    assert {run.customer for run in services.runs().values()} == {SILENT, WELL}
    nothing_is_shared(place, services)
    # The source is back: nothing was lost.
    sources[SILENT].send_signal(signal.SIGCONT)
    assert {services.ended(one).status for one in waiting} == {"SUCCESS"}
    assert services.ended(services.launch(SILENT, "register")).status == "SUCCESS"
    assert count(place, SILENT, "register.person") > 20
    each_has_its_own_history(services)
    capsys.readouterr()
    place.do(*_STATUS)
    told = {one["customer"]: one for one in json.loads(capsys.readouterr().out)}
    assert told[WELL]["landed_until"] == (START + timedelta(days=1)).isoformat()
    assert told[SILENT]["published_at"] and told[SILENT]["persons"] > 20


def nothing_is_shared(place: Place, services: Services) -> None:
    """Processes of one are told nothing of the other's, and what its runs write is its own."""
    for own, other in ((SILENT, WELL), (WELL, SILENT)):
        secrets = {one.read_text("utf-8").strip() for one in (place.folder / other).iterdir()} | {
            other
        }
        for process in services.tree(own):
            told = process.environ()
            assert told["VTJ_CUSTOMER"] == own
            assert "VTJ_ADMIN_URL" not in told
            assert not [
                name for name, value in told.items() if any(one in value for one in secrets)
            ]
    for name in ("daemon", "webserver"):
        told = services.tree(name)[0].environ()
        keys = {"VTJ_PERSON_KEY", "VTJ_DATA_KEY", "VTJ_API_PASSWORD", "VTJ_POSTGRES_URL"}
        assert not keys & set(told)
    runs = services.runs()
    written = {name: written_by(place.customer(name).home) & set(runs) for name in (SILENT, WELL)}
    assert all(written.values())
    assert all(runs[one].customer == name for name in written for one in written[name])
    assert not written_by(place.home) & set(runs)


def written_by(home: Path) -> set[str]:
    """The runs whose output stands in a home."""
    folder = home / "dagster" / "storage"
    return {one.name for one in folder.iterdir()} if folder.is_dir() else set()


def each_has_its_own_history(services: Services) -> None:
    runs = services.runs()
    for name in (SILENT, WELL):
        key = {"path": [name, "register", "person"]}
        made = ask(services.client, _MADE, key=key)["assetNodeOrError"]["assetMaterializations"]
        assert {runs[one["runId"]].customer for one in made} == {name}
    tomorrow = START + timedelta(days=1)
    assert services.ended(services.launch(WELL, f"{TOWN}_night", tomorrow)).status == "SUCCESS"
