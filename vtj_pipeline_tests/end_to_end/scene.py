"""A small register and its source, and the four landings as the assets do them.

The source is the sandbox over HTTP, with a life of six days of which the fourth is never landed, so
that a reconciliation has something to repair. Days are fixed: a run meets the same faults each
time. Add what several tests of disturbed runs need. Keep out what disturbs them.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg2

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
from vtj_pipeline.landing.report import Progress
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import (
    Drift,
    create_register,
    measure_drift,
    members_to_reconcile,
    publish_pending,
    refresh_candidates,
)
from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import SourceClient, Subscription, open_source
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES
from vtj_pipeline_tests.properties.world import Rows, World
from vtj_pipeline_tests.sandbox.served import served

NAME = "area"
FIRST, DAYS = date(2026, 10, 1), 6
END = FIRST + timedelta(days=DAYS)
LANDED = tuple(FIRST + timedelta(days=at) for at in (0, 1, 5))
"""The days that are landed. Each goes on to the end of the day after it, and the last one begins a
day early: only the fourth is lost."""
OPTIONS = SandboxOptions(
    persons=60,
    days=DAYS,
    start=FIRST,
    clock=FIRST,
    seed=5,
    activity=150.0,
    page_size=5,
    moving_in="move-only",
)
AREA = Subscription(
    name=NAME,
    product="municipality",
    municipalities=MUNICIPALITIES,
    start_date=FIRST,
    baseline="perustiedot-vko",
)
KINDS = {
    "baseline": "baseline",
    "changes": "change",
    "refresh": "refresh",
    "reconciliation": "reconcile",
}
STAGES = tuple(KINDS)
"""In the order in which a register lives them."""
_BEGAN = datetime.now(UTC)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00")
_ROW_ID = re.compile(r"^\([0-9a-f-]{36},(?=[0-9a-f-]{36},)")
_TRIES = (
    "select kind, purpose, attempt, status, error from ledger.source_call "
    "where run_id = %s order by call_id"
)


@dataclass(frozen=True)
class Scene:
    """A register, its files, and the source that it is landed from.

    Attributes:
        database: Where ledger and register stand.
        home: Where files stand.
        client: To the sandbox's own calls.
        more: Settings that differ.
        today: The day on which it is landed, as the run has it.
        progress: Told after each landed answer, and before each table that is written.
        files: Another storage than the home's.
    """

    database: Database
    home: Path
    client: httpx.Client
    more: Mapping[str, Any]
    today: date = END
    progress: Progress | None = None
    files: Storage | None = None

    @property
    def settings(self) -> Settings:
        """What a deployment of it would have."""
        return Settings(
            home=self.home,
            person_key=KEY,
            api_url=f"{self.client.base_url}/api/v1".replace("//api", "/api"),
            api_username=ACCOUNT[0],
            api_password=ACCOUNT[1],
            **self.more,
        )

    @property
    def storage(self) -> Storage:
        """The files."""
        return self.files or Storage(self.home, DATA_KEYS)

    def land(self, stage: str, run_id: str = "run") -> Drift | None:
        """Land a stage, as its asset does; a reconciliation also says how far the two differ."""
        kind = KINDS[stage]
        with (
            recorded_calls(self.database, AREA, kind=kind, run_id=run_id) as log,
            open_source(self.settings, AREA, first_pause=0.01, log=log) as client,
        ):
            return _LANDINGS[stage](self, client, run_id)

    def publish(self) -> None:
        """Extract events and publish."""
        extract_events(self.database, self.storage, self.settings)
        publish_pending(
            self.database,
            self.storage,
            self.settings,
            {NAME: AREA.municipalities},
            run_id="run",
            progress=self.progress,
        )

    def rows(self) -> Rows:
        """Every row of the register; moments of this run are one, since they are no two runs'."""
        return {
            table: _sum((_without_this_run(text), many) for text, many in found.items())
            for table, found in World(self.database, self.home).rows().items()
        }

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def tries(self, run_id: str) -> list[tuple[Any, ...]]:
        """What the ledger says of a run's calls: kind, purpose, attempt, status, error."""
        return self.query(_TRIES, run_id)

    def plan(self, **faults: Any) -> None:
        """Set the sandbox's faults anew."""
        self.client.post("/sandbox/faults", json=faults).raise_for_status()

    def faults(self) -> dict[str, Any]:
        """What the sandbox says of its faults."""
        found: dict[str, Any] = self.client.get("/sandbox/faults").json()
        return found


def _baseline(scene: Scene, client: SourceClient, run_id: str) -> None:
    land_baseline(
        AREA, client, scene.storage, scene.database, run_id=run_id, progress=scene.progress
    )


def _changes(scene: Scene, client: SourceClient, run_id: str) -> None:
    for day in LANDED:
        land_day(
            AREA,
            day,
            client,
            scene.storage,
            scene.database,
            today=scene.today,
            run_id=run_id,
            progress=scene.progress,
        )


def _refresh(scene: Scene, client: SourceClient, run_id: str) -> None:
    due = refresh_candidates(scene.database, NAME, END)
    report = land_refresh(
        AREA, client, scene.storage, scene.database, due, run_id=run_id, progress=scene.progress
    )
    assert report.asked


def _reconciliation(scene: Scene, client: SourceClient, run_id: str) -> Drift:
    report = land_reconciliation(
        AREA,
        client,
        scene.storage,
        scene.database,
        members_to_reconcile(scene.database, NAME),
        by="perustiedot-vko",
        everybody=True,
        run_id=run_id,
        progress=scene.progress,
    )
    extract_events(scene.database, scene.storage, scene.settings)
    return measure_drift(
        scene.database, scene.storage, scene.settings, report.batch_ids, changed=report.changed
    )


_LANDINGS: dict[str, Callable[[Scene, SourceClient, str], Drift | None]] = {
    "baseline": _baseline,
    "changes": _changes,
    "refresh": _refresh,
    "reconciliation": _reconciliation,
}


def _without_this_run(text: str) -> str:
    said = _MOMENT.sub(_of_this_run, text)
    # A row's id is a hash of all that it says, its moments too.
    return said if said == text else _ROW_ID.sub("(", said)


def _of_this_run(found: re.Match[str]) -> str:
    return "then" if datetime.fromisoformat(f"{found[0]}:00") >= _BEGAN else found[0]


def _sum(counted: Iterator[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, many in counted:
        found[text] += many
    return found


@dataclass(frozen=True)
class Undisturbed:
    """One undisturbed life, and what stood before and after each of its stages.

    Attributes:
        before: Stage → the register as it is then; copied, never used itself.
        expected: Stage → the register's rows once it is published.
        drift: What the reconciliation found.
    """

    before: Mapping[str, Scene]
    expected: Mapping[str, Rows]
    drift: Drift | None

    def begin(self, stage: str, name: str, **more: Any) -> Scene:
        """A copy of the register as it stood before a stage."""
        return copied(self.before[stage], name, **more)


@contextmanager
def undisturbed(database: Database, folder: Path) -> Iterator[Undisturbed]:
    """Live all stages once, undisturbed, keeping what stood before each."""
    later = replace(OPTIONS, clock=END)
    with served(OPTIONS, ACCOUNT[0]) as first, served(later, ACCOUNT[0]) as last:
        create_ledger(database)
        create_register(database)
        folder.mkdir(parents=True)
        scene = Scene(database, folder / "life", first, {})
        scene.home.mkdir()
        before, expected, drift = {}, {}, None
        for stage in STAGES:
            scene = replace(scene, client=first if stage == "baseline" else last)
            before[stage] = copied(scene, f"before_{stage}")
            drift = scene.land(stage)
            scene.publish()
            expected[stage] = scene.rows()
        yield Undisturbed(before, expected, drift)


def copied(scene: Scene, name: str, **more: Any) -> Scene:
    """A database and a home that are equal to a scene's, under another name beside them."""
    original, server = _database(scene.database)
    target = f"{name}_of_{original.split('_of_')[-1]}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'drop database if exists "{target}"')
            cursor.execute(f'create database "{target}" template "{original}"')
    finally:
        connection.close()
    home = scene.home.with_name(name)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(scene.home, home)
    url = scene.database.url.replace(f"/{original}?", f"/{target}?")
    return replace(scene, database=Database(url), home=home, more=more)


def dropped(scene: Scene) -> None:
    """Let go of a copy."""
    name, server = _database(scene.database)
    connection = psycopg2.connect(server)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'drop database "{name}" with (force)')
    finally:
        connection.close()
    shutil.rmtree(scene.home, ignore_errors=True)


def _database(database: Database) -> tuple[str, str]:
    """A database's name, and the address of the server's own."""
    name = database.url.split("?")[0].rsplit("/", 1)[-1]
    return name, database.url.replace(f"/{name}?", "/postgres?")
