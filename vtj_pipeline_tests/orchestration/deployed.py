"""Definitions of one subscription on a real database and an instance that forgets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest


@dataclass(frozen=True)
class Deployed:
    """What runs, on what, against which source."""

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    database: Database
    url: str

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Do a statement; its rows, if it has any."""
        connection = self.database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@contextmanager
def deployed(
    kind: type[Deployed],
    subscription: Subscription,
    url: str,
    database: Database,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """Deploy a subscription as a `Deployed` of some kind."""
    monkeypatch.setenv("VTJ_API_USERNAME", ACCOUNT[0])
    monkeypatch.setenv("VTJ_API_PASSWORD", ACCOUNT[1])
    share_manifest(home)
    settings = Settings(home=home, person_key=KEY, postgres_url=database.url, api_url=url)
    with dg.DagsterInstance.ephemeral() as instance:
        definitions = build_definitions(Deployment(settings, (subscription,)))
        yield kind(definitions, instance, database, url)
