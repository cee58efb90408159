"""A Dagster instance on PostgreSQL, a mail server and a webhook, and sensors between them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.orchestration.alarms import alarm_sensors
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.instance import dagster_instance
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.alarms.mailbox import RECIPIENTS, SENDER, Mailbox, mailbox
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.source.fake_source import FakeSource, running_source, told

HOOK = "hook"
UI = "https://ui.example.fi"


@dataclass(frozen=True)
class Place:
    """A Dagster instance, its database and its VTJ_HOME."""

    instance: dg.DagsterInstance
    database: Database
    home: Path


@pytest.fixture(scope="package")
def place(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An instance for all tests here: each tells its own runs and checks from the others'."""
    database = new_database(servers["embedded"])
    home = tmp_path_factory.mktemp("home")
    deployment = Deployment(Settings(home=home, postgres_url=database.url), ())
    before = dict(os.environ)
    with running_database(deployment.settings), dagster_instance(deployment, database) as instance:
        yield Place(instance, database, home)
    os.environ.clear()
    os.environ.update(before)


@dataclass
class Watch:
    """Sensors, who is told, and a clock that only moves when it is told to."""

    instance: dg.DagsterInstance
    box: Mailbox
    server: FakeSource
    settings: Settings
    subscriptions: tuple[Subscription, ...] = ()
    specs: Sequence[dg.AssetCheckSpec] = ()
    # Everything in the log has settled.
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))
    cursor: str | None = None

    def tick(self, name: str) -> str:
        """Evaluate a sensor as the daemon does; what the tick says. Its cursor is kept."""
        deployment = Deployment(self.settings, self.subscriptions)
        sensors = {one.name: one for one in alarm_sensors(deployment, self.specs, self.clock)}
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            data = sensors[name].evaluate_tick(context)
        # Only what ends well is kept, as by the daemon.
        self.cursor = data.cursor
        assert data.run_requests == []
        return data.skip_message or ""

    def clock(self) -> datetime:
        return self.now

    def without(self, *names: str) -> None:
        """Forget whom to tell: `email` or `webhook`."""
        prefixes = [{"email": ("alarm_smtp", "alarm_email"), "webhook": "alarm_webhook"}[one]
                    for one in names]  # fmt: skip
        kept = {
            name: getattr(self.settings, name)
            for name in self.settings.model_fields_set
            if not any(name.startswith(prefix) for prefix in prefixes)
        }
        self.settings = Settings(**kept)

    @property
    def subjects(self) -> list[str]:
        """Subjects of the mail that came since this was last asked."""
        said = [str(one["Subject"]).removeprefix("[vtj-pipeline] ") for one in self.box.messages]
        self.box.messages.clear()
        return said

    @property
    def posted(self) -> list[dict[str, Any]]:
        """Documents that the webhook took since this was last asked."""
        bodies = self.server.bodies(HOOK)
        self.server.asked.clear()
        return bodies


@pytest.fixture
def watch(place: Place, settings: Settings) -> Iterator[Watch]:
    with mailbox() as box, running_source() as server:
        server.on(HOOK, told({}))
        ours = Settings(
            home=settings.home,
            alarm_smtp_url=f"smtp+plain://127.0.0.1:{box.port}",
            alarm_email_from=SENDER,
            alarm_email_to=RECIPIENTS,
            alarm_webhook_url=f"{server.url}/{HOOK}",
            alarm_timeout_seconds=5,
            ui_url=UI,
        )
        yield Watch(place.instance, box, server, ours)
