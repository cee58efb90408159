"""Fixtures of an object store: the server, a proxy that fails, and storages in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from vtj_pipeline.landing import Storage, storage_of
from vtj_pipeline.landing.object_calls import ObjectCalls, Patience
from vtj_pipeline.landing.objects import Objects
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEYS
from vtj_pipeline_tests.objects.failing import Failing, failing_store
from vtj_pipeline_tests.objects.store import BUCKET, Store, running_store

_prefixes = (f"deployment-{number}/of-tests" for number in count(1))
# Long enough for a busy machine, and short enough to be waited for.
HURRIED = Patience(connect=5.0, read=1.0, attempts=3)


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """A server that all tests of this folder share; each has a prefix of its own."""
    with running_store() as store:
        yield store


@pytest.fixture(scope="session")
def failing(store: Store) -> Iterator[Failing]:
    """The proxy before it."""
    with failing_store(store.host) as failing:
        yield failing


@pytest.fixture
def reached(store: Store, failing: Failing, monkeypatch: pytest.MonkeyPatch) -> str:
    """A `VTJ_DATA_URL` that is nobody else's, and the environment that reaches it by the proxy."""
    for name, value in {**store.environment, "AWS_ENDPOINT_URL_S3": failing.url}.items():
        monkeypatch.setenv(name, value)
    failing.fails()
    return f"s3://{BUCKET}/{next(_prefixes)}"


@pytest.fixture
def far_settings(settings: Settings, reached: str) -> Settings:
    """Settings with an object store."""
    return settings.model_copy(update={"data_url": reached})


@pytest.fixture
def far(far_settings: Settings) -> Storage:
    """The storage of these settings."""
    return storage_of(far_settings, DATA_KEYS)


@pytest.fixture
def hurried(far: Storage, reached: str, settings: Settings) -> Storage:
    """The same storage with less patience."""
    bucket, _, prefix = reached.removeprefix("s3://").partition("/")
    return Storage(settings.home, DATA_KEYS, far=Objects(ObjectCalls(bucket, HURRIED), prefix))
