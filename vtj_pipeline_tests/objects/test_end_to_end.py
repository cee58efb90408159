"""The same register from an object store as from local files, whatever the store does meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.erasure import unfinished
from vtj_pipeline.errors import ErasureNotWhole, StoreUnavailable
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, land_day, landed_batches, verify_landing
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import create_audit
from vtj_pipeline.register import check_restore
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import START, Bench, basic, day, message, row
from vtj_pipeline_tests.conftest import copy_of
from vtj_pipeline_tests.erasure.steps import erase, finish
from vtj_pipeline_tests.objects.failing import Failing, Fault, Kind
from vtj_pipeline_tests.source.conftest import (  # noqa: F401  # fixtures, used by their names
    Opens,
    _credentials,
    opens,
    pauses,
    source,
)
from vtj_pipeline_tests.source.fake_source import FakeSource, changes, cursor
from vtj_pipeline_tests.source.products import municipality

pytestmark = pytest.mark.slow

AT = "2026-10-0{}T08:00:00.123Z"
HOME = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
MOVED = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))


def name(first: str, last: str) -> dict[str, Any]:
    return row("HENKILON_NIMI", etunimi=first, sukunimi=last, alkupv=day("2000-01-01"))


def land(bench: Bench) -> None:
    """A baseline, changes with a group that nobody knows, and a row that cannot be read."""
    persons = [basic(one, HOME, name(first, "Koelähde")) for one, first in _NAMES.items()]
    bench.land(persons, kind="baseline", cursor=START)
    bench.land([message("A", AT.format(5), MOVED)], cursor=START + 100)
    unknown = row("TUNTEMATON", "LISATTY", arvo=1)
    broken = row("HENKILON_NIMI", "OUTO")
    bench.land([message("B", AT.format(6), unknown, broken)], cursor=START + 200)


_NAMES = {"A": "Aada", "B": "Bertil", "C": "Cecilia"}


def tables(bench: Bench) -> dict[str, pa.Table]:
    return {one: bench.table(one) for one in [*TABLES, "person"]}


def test_a_register_is_the_same_from_a_store_as_from_files(
    ready_database: Database,
    servers: dict[str, str],
    settings: Settings,
    storage: Storage,
    far_settings: Settings,
    far: Storage,
    failing: Failing,
) -> None:
    create_audit(ready_database)
    other = copy_of(ready_database, servers["embedded"])
    here = Bench(other, storage, settings)
    there = Bench(ready_database, far, far_settings)
    land(here)
    here.publish()
    # The store is busy now and then, and loses what it is sent and what it sends.
    faults = (Fault("PUT", "cut"), Fault("PUT", "deaf"), Fault("GET", "short"))
    failing.fails(Fault("PUT", "busy"), *faults)
    land(there)
    report = there.publish()
    assert report.persons == 3
    assert [one.times for one in failing.faults] == [0] * 4
    assert tables(there) == tables(here)
    assert far.files("landing") == storage.files("landing")
    assert far.files("events") == storage.files("events")
    # Again is nothing.
    failing.fails()
    extract_events(there.database, far, far_settings)
    assert "PUT" not in failing.methods()
    # What stands in the store is enough to make the register anew.
    rebuilt = check_restore(
        there.database, far, far_settings, {"test": there.scope}, {}, lambda *_: None
    )
    assert rebuilt.differing == () and rebuilt.files == 3
    # Who is erased is gone from the store, and those who stay are not.
    erase(here, "A")
    # A file that stayed on this machine is not the program's any more, and is not overlooked.
    far.here.write("landing/left.parquet", far.read(far.files("landing")[0]))
    with pytest.raises(ErasureNotWhole, match=r"landing/left\.parquet"):
        erase(there, "A")
    far.here.remove("landing/left.parquet")
    [number] = unfinished(there.database)
    assert "old versions" in str(finish(there, number).told["still_held_outside"])
    assert tables(there) == tables(here)
    assert [one[0] for one in there.current("name", "first_names")] == ["Bertil", "Cecilia"]
    named = {batch.file for batch in landed_batches(there.database)}
    assert set(far.files("landing")) == named
    verify_landing(far, landed_batches(there.database))


@pytest.mark.parametrize("kind", ["cut", "deaf"])
def test_a_connection_that_is_lost_in_a_put_leaves_nothing_wrong(
    source: FakeSource,  # noqa: F811
    opens: Opens,  # noqa: F811
    ready_database: Database,
    hurried: Storage,
    far_settings: Settings,
    failing: Failing,
    kind: Kind,
) -> None:
    source.on("kirjausavain/2026-11-04", cursor(400))
    source.on("kirjausavain/2026-11-06", cursor(600))
    source.on("muutokset", changes(610))

    def run(run_id: str) -> None:
        land_day(
            municipality(), date(2026, 11, 5), opens(), hurried, ready_database,
            today=date(2026, 11, 6), run_id=run_id,
        )  # fmt: skip

    failing.fails(Fault("PUT", kind, times=99))
    with pytest.raises(StoreUnavailable, match="3 tries"):
        run("first")
    failing.fails()
    left = hurried.files("landing")
    # All of it had come where only the answer was lost; without a ledger row it is not there.
    assert len(left) == (1 if kind == "deaf" else 0)
    assert landed_batches(ready_database) == []
    run("second")
    [batch] = landed_batches(ready_database)
    assert sorted([batch.file, *left]) == hurried.files("landing")
    assert verify_landing(hurried, [batch]) > 0
    assert extract_events(ready_database, hurried, far_settings).files == 1
