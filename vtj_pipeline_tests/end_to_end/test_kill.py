"""A run that is killed in the middle and started again gives the register of a run that was not."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT, set_clock
from vtj_pipeline_tests.end_to_end.homes import Home
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = pytest.mark.slow
DAYS = 60
BOOKKEEPING = {"publication", "applied_batch", "schema_version"}
TABLES = "select tablename from pg_tables where schemaname = 'register'"
COMPLETE = (
    "select count(distinct partition_day) from ledger.landing_batch "
    "where kind = 'change' and completes_partition"
)


@dataclass(frozen=True)
class Source:
    """A sandbox with a busy life, from `first` to `last`."""

    process: subprocess.Popen[str]
    url: str
    first: date
    last: date


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    last = today_in_finland() - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    day = {"start": first, "clock": first}
    with sandbox_process(
        persons=400, days=DAYS, activity=20, page_size=5, wellbeing_area="11", **day
    ) as (process, url):
        yield Source(process, url, first, last)


@pytest.fixture(scope="module")
def with_baseline(source: Source) -> Home:
    """A home with the baseline of the first day, and the source's clock after the last."""
    home = Home(new_home(), _account(source))
    home.path.mkdir(mode=0o755)
    (home.path / "subscriptions.toml").write_text(
        '[[subscription]]\nname = "area"\nproduct = "municipality"\nmunicipalities = ["153", '
        '"405", "416", "441", "580", "689", "700", "739", "831"]\n'
        f'start_date = {source.first}\nbaseline = "perustiedot-vko"\n',
        "utf-8",
    )
    home.run("run", "baseline")
    set_clock(source.url, source.last + timedelta(days=1))
    return home


def test_killed_and_started_again_equals_undisturbed(
    with_baseline: Home, source: Source, request: pytest.FixtureRequest
) -> None:
    killed = Home(new_home(), _account(source))
    request.addfinalizer(lambda: _end_server(killed))
    shutil.copytree(with_baseline.path, killed.path, copy_function=_copy)
    _own_alike(with_baseline.path, killed.path)
    days = (source.first.isoformat(), source.last.isoformat())
    with_baseline.run("run", "changes", *days)
    with_baseline.run("run", "register")

    _kill_in_the_middle(killed, source, days)
    ((done,),) = killed.rows(COMPLETE)
    assert done < DAYS
    killed.run("run", "changes", *days)
    assert killed.rows(COMPLETE) == [(DAYS,)]
    killed.run("run", "register")

    undisturbed = _register(with_baseline)
    assert undisturbed["person"].total() >= 400
    assert _register(killed) == undisturbed
    history = "select count(distinct recorded_from) from register.address"
    ((moments,),) = with_baseline.rows(history)
    assert moments > DAYS  # there were changes to lose
    assert killed.processes_after(10) == []


def _account(source: Source) -> dict[str, str]:
    return {
        "VTJ_API_URL": source.url,
        "VTJ_API_USERNAME": ACCOUNT[0],
        "VTJ_API_PASSWORD": ACCOUNT[1],
    }


def _kill_in_the_middle(home: Home, source: Source, days: tuple[str, str]) -> None:
    """Stop the source when the first batch of changes is in the ledger, then kill the run."""
    process = home.start("run", "changes", *days)
    try:
        _wait_for_batch(home, process)
        source.process.send_signal(signal.SIGSTOP)
        assert process.poll() is None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        source.process.send_signal(signal.SIGCONT)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def _wait_for_batch(home: Home, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    connection = None
    try:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                connection = connection or psycopg2.connect(
                    host=str(home.path / "pg"), user="postgres", dbname="postgres"
                )
            except psycopg2.OperationalError:
                time.sleep(0.05)
                continue
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(
                    "select exists(select from ledger.landing_batch where kind='change')"
                )
                if cursor.fetchone() == (True,):
                    return
            time.sleep(0.002)
    finally:
        if connection is not None:
            connection.close()
    process.kill()
    pytest.fail(f"No batch of changes came: {process.communicate()[0]}")


def _register(home: Home) -> dict[str, "Counter[tuple[Any, ...]]"]:
    with home.served():
        return {
            table: Counter(home.rows(f'select t::text from register."{table}" as t'))
            for (table,) in home.rows(TABLES)
            if table not in BOOKKEEPING
        }


def _end_server(home: Home) -> None:
    file = home.path / "pg" / "postmaster.pid"
    if file.is_file():
        server = psutil.Process(int(file.read_text("utf-8").split()[0]))
        server.send_signal(signal.SIGINT)
        server.wait(20)


def _copy(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


def _own_alike(source: Path, target: Path) -> None:
    """Give each copy the owner of what it was copied from: PostgreSQL has a user of its own."""
    for path in [source, *source.rglob("*")]:
        status = path.lstat()
        os.chown(
            target / path.relative_to(source), status.st_uid, status.st_gid, follow_symlinks=False
        )
