"""A real cluster folds the same, even where a machine is lost in the middle of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import START, Bench, basic, day, message, row
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database
from vtj_pipeline_tests.spark.both import unequal
from vtj_pipeline_tests.spark.cluster import SECRET, Cluster, running_cluster

pytestmark = pytest.mark.slow

LAST = list(TABLES)[-1]
_SCHEMA = "select nspname from pg_namespace where nspname like 'staging\\_spark\\_%'"
_WAITING = "select count(*) from pg_locks where not granted and relation = '{}'::regclass"
_PATIENCE = 240


def land(bench: Bench, codes: list[str]) -> None:
    home = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
    name = row("HENKILON_NIMI", etunimi="Aada", sukunimi="Koelähde", alkupv=day("2000-01-01"))
    bench.land([basic(one, home, name) for one in codes], kind="baseline", cursor=START)
    moved = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))
    at = "2026-10-05T08:00:00.123Z"
    bench.land([message(one, at, moved) for one in codes[::2]], cursor=START + 100)


def some_codes(number: int) -> list[str]:
    """Codes of nobody: individual numbers of 900 and above."""
    signs = "0123456789ABCDEFHJKLMNPRSTUVWXY"
    parts = [(f"{1 + n % 28:02}0{1 + n % 9}{60 + n % 30}", 900 + n % 99) for n in range(number)]
    return [f"{born}-{own}{signs[int(f'{born}{own}') % 31]}" for born, own in parts]


def bench_of(url: str, home: Path, **more: object) -> Bench:
    database = new_database(url)
    create_ledger(database)
    create_register(database)
    settings = Settings(home=home, person_key=KEY, postgres_url=database.url, **more)  # type: ignore[arg-type]
    return Bench(database, Storage(home, DATA_KEYS), settings)


def publisher(bench: Bench, cluster: Cluster, home: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "VTJ_HOME": str(home),
        "VTJ_POSTGRES_URL": bench.database.url,
        "VTJ_PERSON_KEY": KEY,
        "VTJ_FOLD_ENGINE": "spark",
        "VTJ_SPARK_MASTER": cluster.master,
        "VTJ_SPARK_SECRET": SECRET,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = [sys.executable, "-m", "vtj_pipeline_tests.spark.publisher"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(what: Callable[[], object], process: subprocess.Popen[str]) -> object:
    """What is asked again and again until there is an answer, while a process lives."""
    for _ in range(_PATIENCE * 20):
        if found := what():
            return found
        if process.poll() is not None:
            pytest.fail(f"it ended: {process.communicate()[1][-3000:]}")
        time.sleep(0.05)
    pytest.fail("nothing came of it")


@pytest.mark.timeout(900)
def test_a_worker_that_is_killed_in_the_middle_of_a_fold_changes_nothing(
    servers: dict[str, str], tmp_path: Path
) -> None:
    codes = some_codes(60)
    here = bench_of(servers["embedded"], tmp_path / "here")
    there = bench_of(servers["embedded"], tmp_path / "there")
    for bench in (here, there):
        land(bench, codes)
    expected = here.publish()
    cluster_folder = tmp_path / "cluster"
    cluster_folder.mkdir()
    with running_cluster(cluster_folder) as cluster:
        process = publisher(there, cluster, tmp_path / "there")
        found = until(lambda: there.query(_SCHEMA), process)
        assert isinstance(found, list)
        table = f"{found[0][0]}.{LAST}"
        connection = there.database.connect()
        with connection.cursor() as cursor:
            cursor.execute(f"lock table {table} in access exclusive mode")
            # Both shares are folded but for one table, each by one of the workers.
            until(lambda: there.query(_WAITING.format(table)) == [(2,)], process)
            cluster.workers[0].kill()
        connection.rollback()
        connection.close()
        out, said = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, said[-3000:]
    report = json.loads(out)
    assert (report["persons"], report["inserted"]) == (expected.persons, expected.inserted)
    assert unequal(here, there) == {}
    # Nothing in the clear of a person, nor a secret, in what Spark wrote.
    for file in cluster_folder.rglob("*"):
        if file.is_file() and file.parent.name != "conf":
            content = file.read_bytes()
            assert not any(one.encode() in content for one in (*codes, "Koelähde", SECRET, KEY))
