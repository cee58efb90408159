"""Landed files: whole or not at all, and proven by the ledger when they are read."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vtj_pipeline.errors import LandingDamaged
from vtj_pipeline.landing import LandedBatch, Storage, land_day, landed_batches, read_pages
from vtj_pipeline.landing.ledger import NewBatch
from vtj_pipeline.landing.pages import PAGE_SCHEMA, Page, pages_file
from vtj_pipeline.landing.report import commit
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import person_key
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource, changes, cursor
from vtj_pipeline_tests.source.products import municipality


@pytest.fixture
def batch(
    source: FakeSource, opens: Opens, storage: Storage, ready_database: Database
) -> LandedBatch:
    source.on("kirjausavain/2026-11-04", cursor(400))
    source.on("kirjausavain/2026-11-06", cursor(600))
    source.on("muutokset", changes(610))
    towns, day, today = municipality(), date(2026, 11, 5), date(2026, 11, 6)
    land_day(towns, day, opens(), storage, ready_database, today=today, run_id="test")
    [batch] = landed_batches(ready_database)
    return batch


def test_landed_file_is_read_with_its_schema_and_proves_its_bodies(
    batch: LandedBatch, storage: Storage
) -> None:
    pages = read_pages(storage, batch)
    assert pages.schema.equals(PAGE_SCHEMA)
    bodies = pages["body"].to_pylist()
    assert pages["sha256"].to_pylist() == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert batch.file.startswith("landing/towns/change/2026-11-05/")


def test_landed_file_is_for_its_owner_alone(batch: LandedBatch, storage: Storage) -> None:
    assert stat.S_IMODE(storage.absolute(batch.file).stat().st_mode) == 0o600


def test_missing_file_is_damage_and_is_named(batch: LandedBatch, storage: Storage) -> None:
    storage.absolute(batch.file).unlink()
    with pytest.raises(LandingDamaged, match=Path(batch.file).name):
        read_pages(storage, batch)


@pytest.mark.parametrize("at", [3, 40, 100, -10])
def test_changed_file_is_damage_and_is_named(batch: LandedBatch, storage: Storage, at: int) -> None:
    file = storage.absolute(batch.file)
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.raises(LandingDamaged, match=Path(batch.file).name):
        read_pages(storage, batch)


def test_shortened_file_is_damage(batch: LandedBatch, storage: Storage) -> None:
    file = storage.absolute(batch.file)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(LandingDamaged, match="cut off since it was written"):
        read_pages(storage, batch)


def test_one_name_never_stands_for_two_contents(
    storage: Storage, ready_database: Database, settings: Settings
) -> None:
    """Of one run, from one first answer on, and of one length: what a retry might be answered."""
    moment = datetime(2026, 11, 5, tzinfo=UTC)

    def pages(last: int) -> list[Page]:
        bodies = (b'{"muutokset": []}', f'{{"viimeisinKirjausavain": {last}}}'.encode())
        return [
            Page(0, "muutokset", 1, 2, True, None, "", 0, 0, moment, 200, body) for body in bodies
        ]

    def size(last: int) -> int:
        return len(pages_file(pages(last), subscription="t", kind="change", partition_day=None))

    first = 100
    second = next(last for last in range(101, 999) if size(last) == size(first))
    batch = NewBatch("t", "change", None, None, "all", "landing/t/x", "", 0, 2, True, "one-run")
    with closing(ready_database.connect()) as connection:
        for last in (first, second):
            commit(connection, storage, person_key(settings), batch, pages(last))
    assert len(storage.files("landing")) == 2
    for one in landed_batches(ready_database):
        read_pages(storage, one)


def test_write_leaves_nothing_but_the_file(storage: Storage) -> None:
    digest = storage.write("landing/x/one.parquet", b"bytes")
    assert digest == hashlib.sha256(b"bytes").hexdigest()
    assert [one.name for one in (storage.root / "landing/x").iterdir()] == ["one.parquet"]
    assert storage.read("landing/x/one.parquet", sha256=digest) == b"bytes"


def test_what_a_killed_write_left_is_removed_once_nobody_can_be_writing_it(
    storage: Storage,
) -> None:
    storage.write("landing/x/change/one.parquet", b"bytes")
    folder = storage.root / "landing/x/change"
    left, under_way = folder / ".two.parquet.1.part", folder / ".three.parquet.2.part"
    for file in (left, under_way, storage.root / "landing/.four.parquet.3.part"):
        file.write_bytes(b"half")
    hours_ago = time.time() - 2 * 3600
    for file in (left, folder / "one.parquet", storage.root / "landing/.four.parquet.3.part"):
        os.utime(file, (hours_ago, hours_ago))
    assert storage.remove_left_behind("landing/x") == 1
    assert {one.name for one in folder.iterdir()} == {"one.parquet", under_way.name}
    assert storage.remove_left_behind("landing/nothing-yet") == 0


def test_a_write_that_was_killed_leaves_its_part_to_the_next_landing(storage: Storage) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from vtj_pipeline.landing import Storage\n"
        "from vtj_pipeline.landing.local_files import LocalFiles\n"
        "LocalFiles._settle = lambda *_: os._exit(9)\n"
        "from vtj_pipeline_tests.conftest import DATA_KEYS\n"
        "storage = Storage(pathlib.Path(sys.argv[1]), DATA_KEYS)\n"
        "storage.write('landing/x/one.parquet', b'personal')\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, storage.root], check=False)
    assert killed.returncode == 9
    [left] = (storage.root / "landing/x").iterdir()
    assert storage.remove_left_behind("landing/x") == 0
    os.utime(left, (0, 0))
    assert storage.remove_left_behind("landing/x") == 1
