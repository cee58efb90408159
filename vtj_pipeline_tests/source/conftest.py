"""Fixtures for tests that call the source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from vtj_pipeline.settings import Settings
from vtj_pipeline.source import SourceClient, Subscription, open_source
from vtj_pipeline_tests.source.fake_source import FakeSource, running_source
from vtj_pipeline_tests.source.products import PASSWORD, USERNAME, municipality


@pytest.fixture
def source() -> Iterator[FakeSource]:
    """A source without any programme yet."""
    with running_source() as source:
        yield source


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_API_USERNAME", USERNAME)
    monkeypatch.setenv("VTJ_API_PASSWORD", PASSWORD)


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that clients would have made, in seconds."""
    return []


class Opens(Protocol):
    """Makes a client; settings by name."""

    def __call__(
        self, subscription: Subscription | None = None, **settings: Any
    ) -> SourceClient: ...


@pytest.fixture
def opens(source: FakeSource, pauses: list[float], tmp_path: Path) -> Iterator[Opens]:
    """Makes clients of the source that do not sleep."""
    made: list[SourceClient] = []

    def make(subscription: Subscription | None = None, **settings: Any) -> SourceClient:
        chosen = Settings(home=tmp_path / "home", api_url=source.url, **settings)
        client = open_source(chosen, subscription or municipality(), pause=pauses.append)
        made.append(client)
        return client

    yield make
    for client in made:
        client.__exit__(None, None, None)
