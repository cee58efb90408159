"""A sandbox's life, landed by the real client, published, and the views on it.

Keep out what is asked of the views and what the sandbox's truth is (`witness.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import httpx
import pandas as pd
from dbt.cli.main import dbtRunner

from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, land_baseline, land_day, recorded_calls
from vtj_pipeline.postgres import Connection, Database
from vtj_pipeline.register import publish_pending
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.life import YEARLY_RATES
from vtj_pipeline.sandbox.world import World
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription, open_source
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY
from vtj_pipeline_tests.sandbox.served import served
from vtj_pipeline_tests.views.conftest import DBT, prepare

DAY = timedelta(days=1)
NAME = "area"
# What is asked, with what it is made of: the other views take their time to be made.
ASKED = ("reference", "timeline", "statistics", "municipality_resident", "municipality_mover")


@dataclass
class Lived:
    """A sandbox, and the register and views that follow it.

    Attributes:
        landed: The first day that is not landed yet.
    """

    sandbox: Sandbox
    client: httpx.Client
    account: str
    database: Database
    home: Path
    landed: date = field(init=False)

    def __post_init__(self) -> None:
        self.landed = self.sandbox.today
        self.storage = Storage(self.home, DATA_KEYS)
        self.settings = Settings(
            home=self.home,
            person_key=KEY,
            api_url=str(self.client.base_url.join("/api/v1")),
            api_username=self.account,
            api_password="pwd",
        )
        self.subscription = Subscription(
            name=NAME,
            product="municipality",
            municipalities=tuple(sorted(self.sandbox.world.area)),
            start_date=self.landed,
            baseline="perustiedot-vko",
        )

    def begin(self) -> None:
        """Land the baseline."""
        with (
            recorded_calls(self.database, self.subscription, kind="baseline", run_id="run") as log,
            open_source(self.settings, self.subscription, log=log) as client,
        ):
            land_baseline(self.subscription, client, self.storage, self.database, run_id="run")

    def live(self, until: date) -> None:
        """Let days pass and land each when it is over."""
        with (
            recorded_calls(self.database, self.subscription, kind="change", run_id="run") as log,
            open_source(self.settings, self.subscription, log=log) as client,
        ):
            while self.landed < until:
                self.sandbox.advance_to(self.landed + DAY)
                land_day(
                    self.subscription,
                    self.landed,
                    client,
                    self.storage,
                    self.database,
                    today=self.landed + DAY,
                    run_id="run",
                )
                self.landed += DAY

    def publish(self) -> None:
        """Extract events and publish what is landed."""
        extract_events(self.database, self.storage, self.settings)
        scope = {NAME: self.subscription.municipalities}
        publish_pending(self.database, self.storage, self.settings, scope, run_id="run")

    def dbt(self, *arguments: str) -> None:
        """Run dbt as run_dbt does, but in this process, where it is loaded once."""
        folders = ("--project-dir", str(DBT), "--profiles-dir", str(DBT))
        target = str(self.home / "dbt")
        with mock.patch.dict(os.environ, self.database.dbt_environment()):
            done = dbtRunner().invoke(
                [*arguments, *folders, "--target-path", target, "--log-path", target, "--quiet"]
            )
        assert done.success, done.exception or done.result

    def build(self, prepared: str = "") -> None:
        """Make the code lists, change them, and make the views."""
        self.dbt("seed")
        if prepared:
            self.execute(prepared)
        self.dbt("run", "--select", *ASKED)

    def execute(self, sql: str) -> None:
        """Run statements and commit."""
        with closing(self.database.connect()) as connection, connection:
            connection.cursor().execute(sql)

    def query(self, sql: str, settings: Mapping[str, str]) -> pd.DataFrame:
        """The rows of a query by a reader who has set `vtj.` settings."""
        with closing(self.database.connect()) as connection:
            return rows(connection, sql, settings)


def rows(connection: Connection, sql: str, settings: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a query, with missing values as None; the connection keeps the settings."""
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("select set_config(%s, %s, false)", (f"vtj.{name}", value))
        cursor.execute(sql)
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)


@contextmanager
def lived(database: Database, home: Path, options: SandboxOptions, account: str) -> Iterator[Lived]:
    """A life at its beginning, with ledger and register made and nothing landed."""
    prepare(database, home)
    sandbox = Sandbox(replace(options, clock=options.start))
    with served(sandbox, account) as client:
        yield Lived(sandbox, client, account, database, home)


@contextmanager
def other_rates(rates: dict[Callable[[World], None], float], *, latest: int) -> Iterator[None]:
    """Let events happen at these yearly rates, and moves be told up to so many days late."""
    date_after = World.date_after

    def later(world: World, *starts: date | None, days: int = latest) -> date | None:
        return date_after(world, *starts, days=days)

    with (
        mock.patch.dict(YEARLY_RATES, rates),
        mock.patch.object(World, "date_after", later),
    ):
        yield
