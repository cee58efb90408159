"""A person who is erased is gone from what landed of old files, and no file brings them back."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtj_pipeline.landing import landed_batches, read_pages, verify_landing
from vtj_pipeline.privacy import create_audit
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.erasure.steps import erase
from vtj_pipeline_tests.legacy.conftest import MakeBench
from vtj_pipeline_tests.legacy.records import (
    CHILD,
    OTHER,
    PARENT,
    guardian,
    name,
    record,
    street,
)
from vtj_pipeline_tests.legacy.roads import land_files

pytestmark = pytest.mark.slow

BASE, CHANGES, LATER = (
    "c_PT170201TOWN_001.PTT",
    "c_20170203TOWN_004.MTT",
    "c_20170210TOWN_005.MTT",
)
PARENTS = record(name("1", "Koelähde", "Aada"), street("1", "Koetie"), code=PARENT, kind="1")
# What cannot be read is kept as it stands, codes of others in it.
BROKEN = record(guardian("1", PARENT)[:-3], code=OTHER)


def written(folder: Path, file: str, *records: bytes) -> Path:
    path = folder / file
    path.write_bytes(b"".join(records))
    return path


def kept(bench: Bench) -> bytes:
    bodies = [
        body
        for batch in landed_batches(bench.database)
        for body in read_pages(bench.storage, batch)["body"].to_pylist()
    ]
    return b"".join(bodies)


def test_a_guardian_is_erased_and_the_child_stays(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench()
    create_audit(bench.database)
    child = record(name("1", "Esimerkki", "Matti"), guardian("1", PARENT), kind="1")
    other = record(name("1", "Provberg", "Cecilia"), code=OTHER, kind="1")
    land_files(bench, [written(tmp_path, BASE, PARENTS, child)])
    land_files(bench, [written(tmp_path, CHANGES, other, BROKEN)])
    bench.publish()
    assert PARENT.encode() in kept(bench)
    assert erase(bench, PARENT).told["looked_through"]["traces"] == 0
    for needle in (PARENT, "Koelähde", "Aada", "Koetie"):
        assert needle.encode() not in kept(bench)
    verify_landing(bench.storage, landed_batches(bench.database), lambda *_: None)
    # A file that tells of them again, and one that had not come yet.
    land_files(bench, [written(tmp_path, "c_PT170202TOWN_002.PTT", PARENTS)])
    land_files(bench, [written(tmp_path, LATER, record(street("1", "Toinen"), code=PARENT), child)])
    bench.publish(rebuild=True)
    codes = bench.query("select identity_code from register.person order by 1")
    assert codes == [(CHILD,), (OTHER,)]
    assert bench.current("name", "last_name") == [("Esimerkki",), ("Provberg",)]
    [(related,)] = set(bench.current("guardianship", "related_identity_code"))
    assert related != PARENT
