"""Two machines, which share a PostgreSQL and an object store and nothing else, do one night's work.

Each is a home of its own with processes of its own. What they come to is what one machine makes of
the same landing: the check of backups does so, from a third home.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.landing import landed_batches, storage_of, verify_landing
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import check_restore
from vtj_pipeline.register.publish import WRITER_LOCK
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEY, DATA_KEYS, KEY
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES, Home, subscriptions_of_area
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.objects.store import BUCKET, Store
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
START, LAST = date(2026, 10, 1), date(2026, 10, 3)
LIFE = {"persons": 60, "days": 4, "wellbeing_area": "11", "start": START.isoformat()}
PLACE = f"s3://{BUCKET}/two-machines"
_TRIES = 20
_COUNTS = (
    "select (select count(*) from register.publication), (select count(*) from register.person), "
    "(select count(*) from ledger.landing_batch as b where not exists (select 1 from "
    "register.applied_batch as a where a.batch_id = b.batch_id))"
)


def machine(database: Database, store: Store, url: str) -> Home:
    """A machine: its own home, with what every machine of a deployment is told."""
    place = share_manifest(new_home())
    (place / "subscriptions.toml").write_text(subscriptions_of_area("area", START), "utf-8")
    return Home(
        place,
        {
            **store.environment,
            "VTJ_POSTGRES_URL": database.url,
            "VTJ_DATA_URL": PLACE,
            "VTJ_DATA_KEY": DATA_KEY,
            "VTJ_PERSON_KEY": KEY,
            "VTJ_ANALYST_KEY": KEY[::-1],
            "VTJ_API_URL": url,
            "VTJ_API_USERNAME": ACCOUNT[0],
            "VTJ_API_PASSWORD": ACCOUNT[1],
        },
    )


@contextmanager
def being_written(database: Database) -> Iterator[None]:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext(%s))", (WRITER_LOCK,))
        yield


def at_once(*machines: Home) -> list[bool]:
    """Publish on some machines at once; which of them did."""
    both = [home.start("run", "register") for home in machines]
    return [published(process) for process in both]


def published(process: subprocess.Popen[str]) -> bool:
    """Whether a publication did its work; if not, another one was at work."""
    told, _ = process.communicate(timeout=600)
    assert process.returncode == 0 or "another run is writing it" in told, told
    return process.returncode == 0


def test_two_machines_do_the_work_of_one(
    ready_database: Database, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox_process(**LIFE) as (_, url):
        one, other = (machine(ready_database, store, url) for _ in range(2))
        one.run("run", "baseline")
        other.run("run", "changes", START.isoformat(), LAST.isoformat())
        # Somebody is writing: both make events of what both landed, and are told.
        with being_written(ready_database):
            assert at_once(one, other) == [False, False]
        # Then both at once: one waits, or is told and tries again.
        for _ in range(_TRIES):
            if all(at_once(one, other)):
                break
        else:
            pytest.fail("a machine was never let write")
    with closing(ready_database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        [(publications, persons, pending)] = cursor.fetchall()
    assert (publications, pending) == (1, 0) and persons > 40
    # Neither keeps anything that the other would need.
    for home in (one, other):
        left = {part.name for part in home.path.iterdir()}
        assert not left & {"landing", "events", "pg", "keys"}
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    third = Settings(home=tmp_path / "third", person_key=KEY, data_url=PLACE)
    storage = storage_of(third, DATA_KEYS)
    verify_landing(storage, landed_batches(ready_database))
    scope = {"area": MUNICIPALITIES}
    made_by_one = check_restore(ready_database, storage, third, scope, {}, lambda *_: None)
    assert made_by_one.differing == () and made_by_one.files >= 2
