"""An erasure that is stopped anywhere goes on, and ends as one that was not stopped."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
import pytest

from vtj_pipeline.commands.doctor_erasure import erasure_findings
from vtj_pipeline.erasure import begin_erasure, carry_out, unfinished, whom_codes_name
from vtj_pipeline.errors import ErasureNotWhole, ErasureRefused
from vtj_pipeline.landing import Storage, landed_batches, verify_landing
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import create_audit, person_key
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import CODES, START, Bench, basic, day, message, row
from vtj_pipeline_tests.erasure.steps import NOW, begin, erase, finish, quiet, work

pytestmark = pytest.mark.slow

AT = "2026-10-05T08:00:00.123Z"
HOME = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
OWN_NAMES = ("Aada Sisko", "Koelähde")


def name(first: str, last: str) -> dict[str, Any]:
    return row("HENKILON_NIMI", etunimi=first, sukunimi=last, alkupv=day("2000-01-01"))


def spouse(person: str, first: str, last: str) -> dict[str, Any]:
    return row(
        "AVIOLIITTO",
        puoliso={"henkilotunnus": CODES[person], "etunimet": first, "sukunimi": last},
        vihkipv=day("2020-05-05"),
        jarjestysnumero=1,
    )


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A, B and C, of whom A and B are married; a change of A with a row that cannot be read."""
    create_audit(ready_database)
    bench = Bench(ready_database, storage, settings)
    persons = [
        basic("A", HOME, name(*OWN_NAMES), spouse("B", "Bertil", "Testlund")),
        basic("B", HOME, name("Bertil", "Testlund"), spouse("A", *OWN_NAMES)),
        basic("C", HOME, name("Cecilia", "Provberg")),
    ]
    bench.land(persons, kind="baseline", cursor=START)
    moved = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))
    bench.land([message("A", AT, moved, row("HENKILON_NIMI", "OUTO"))], cursor=START + 100)
    bench.land([message("C", AT, moved)], cursor=START + 200)
    bench.publish()
    return bench


def stand(bench: Bench) -> dict[str, Any]:
    """What the register tells of those who stay."""
    return {
        table: bench.current(table, *columns)
        for table, columns in {
            "person": ("identity_code", "is_alive"),
            "name": ("first_names", "last_name"),
            "home_municipality": ("municipality_code", "valid_from"),
            "marriage": ("valid_from", "related_first_names", "related_person_id", "is_active"),
            "identity_code": ("identity_code",),
        }.items()
        if table != "person"
    } | {"person": sorted(bench.query("select identity_code, is_alive from register.person"))}


def texts(bench: Bench) -> str:
    """All that stands in files, as it reads."""
    found = []
    for folder in ("landing", "events"):
        for path in bench.storage.files(folder):
            content = bench.storage.read(path)
            found.append(path)
            found.append(str(pq.read_table(BytesIO(content)).to_pylist()))
    return "".join(found)


def test_nothing_is_left_of_the_person_and_all_of_the_others(bench: Bench) -> None:
    assert len(bench.query("select * from register.quarantine")) == 1
    person_id = str(person_key(bench.settings).person_id_of(CODES["A"]))
    before = landed_batches(bench.database)
    receipt = erase(bench, "A").told
    assert receipt["files_rewritten"] == 2
    assert (receipt["messages"], receipt["mentions"]) == (2, 1)
    assert receipt["looked_through"]["traces"] == 0
    assert receipt["rows"]["register.name"] == 1
    left = texts(bench)
    for needle in (CODES["A"], person_id, *OWN_NAMES):
        assert needle not in left
    assert stand(bench)["person"] == [(CODES["B"], True), (CODES["C"], True)]
    assert stand(bench)["name"] == [("Bertil", "Testlund"), ("Cecilia", "Provberg")]
    [(since, names, related, _)] = stand(bench)["marriage"]
    assert (names, related) == (None, None)
    assert since is None or since.year == 2020
    assert bench.query("select * from register.quarantine") == []
    # The chain of cursors is as it was, of files that are as the ledger says.
    after = landed_batches(bench.database)
    assert [one.last_cursor for one in after] == [one.last_cursor for one in before]
    assert [a.file == b.file for a, b in zip(after, before, strict=True)] == [False, False, True]
    verify_landing(bench.storage, after, quiet)
    assert len(bench.storage.files("landing")) == len(bench.storage.files("events")) == 3
    assert bench.publish(rebuild=True).removed.get("name", 0) == 0
    assert stand(bench)["name"] == [("Bertil", "Testlund"), ("Cecilia", "Provberg")]


@pytest.mark.parametrize("stop", [0, 2, 3, 6, 20])
def test_stopped_at_any_step_it_goes_on(bench: Bench, stop: int) -> None:
    erasure_id = begin(bench, "A")
    steps = iter(range(1000))

    def stopping(what: str, done: int, total: int | None) -> None:
        del what, done, total
        if next(steps) == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(work(bench, stopping), erasure_id, lambda: NOW)
    assert unfinished(bench.database) == [erasure_id]
    told = finish(bench, erasure_id).told
    assert (told["files_rewritten"], told["messages"], told["mentions"]) == (2, 2, 1)
    assert unfinished(bench.database) == []
    assert CODES["A"] not in texts(bench)
    assert len(bench.storage.files("landing")) == 3
    assert [one[0] for one in stand(bench)["person"]] == [CODES["B"], CODES["C"]]
    assert bench.query("select count(*) from ledger.being_erased") == [(0,)]


def test_stopped_between_the_ledger_and_the_old_file_the_old_file_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure_id = begin(bench, "A")

    def stop(self: Storage, path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(Storage, "remove", stop)
        with pytest.raises(KeyboardInterrupt):
            finish(bench, erasure_id)
    assert len(bench.storage.files("landing")) == 4
    assert finish(bench, erasure_id).told["files_left_behind"] == 2
    assert len(bench.storage.files("landing")) == 3


def test_what_a_killed_landing_left_goes_too_and_what_names_nobody_stays(bench: Bench) -> None:
    [first, _, third] = landed_batches(bench.database)
    for file, copied in ((first.file, "landing/test/lost.parquet"), (third.file, "landing/x")):
        bench.storage.write(copied, bench.storage.read(file))
    half = bench.storage.absolute("landing/test/.half.parquet.1.part")
    half.write_bytes(b"half")
    erase(bench, "A")
    assert not bench.storage.exists("landing/test/lost.parquet")
    assert bench.storage.exists("landing/x")
    assert not half.exists()


def test_a_log_that_names_the_person_is_cleared_and_dagsters_texts_are(bench: Bench) -> None:
    person_id = str(person_key(bench.settings).person_id_of(CODES["A"]))
    log = bench.storage.root / "dagster" / "run.log"
    log.parent.mkdir()
    log.write_text(f"of {person_id} and another\n", "utf-8")
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("create schema dagster create table event_logs (event text)")
        cursor.execute("insert into dagster.event_logs values (%s)", (f"asked {person_id}",))
    told = erase(bench, "A").told
    assert (told["logs"], told["texts_of_dagster"]) == (1, 1)
    assert log.read_text("utf-8") == "of erased and another\n"
    assert bench.query("select event from dagster.event_logs") == [("asked erased",)]


def test_a_trace_that_is_left_keeps_it_from_ending_and_is_told_by_its_place(
    bench: Bench, settings: Settings
) -> None:
    erasure_id = begin(bench, "A")
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("create table public.own_list as select %s::text as code", (CODES["A"],))
    with pytest.raises(ErasureNotWhole) as left:
        finish(bench, erasure_id)
    assert "public.own_list (1)" in str(left.value)
    assert CODES["A"] not in str(left.value)
    [found] = erasure_findings(Deployment(settings, ()), bench.database)
    assert (found.result, found.found) == ("fail", "1 unfinished")
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("drop table public.own_list")
    finish(bench, erasure_id)
    [found] = erasure_findings(Deployment(settings, ()), bench.database)
    assert found.result == "ok"


def test_views_tables_lose_their_rows_and_are_made_anew(bench: Bench) -> None:
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "create schema timeline; create table timeline.told_event as "
            "select person_id from register.person"
        )
        cursor.execute("comment on schema timeline is 'Made by rules x'")
    erase(bench, "A")
    assert bench.query("select count(*) from timeline.told_event") == [(2,)]
    remark = "select obj_description(to_regnamespace('timeline'), 'pg_namespace')"
    assert bench.query(remark) == [("Persons were erased: to be made anew.",)]


def test_a_reason_with_a_code_and_a_code_of_two_persons_are_refused(bench: Bench) -> None:
    key = person_key(bench.settings)
    whom = whom_codes_name(bench.database, key, [CODES["A"]])
    with pytest.raises(ErasureRefused) as refused:
        begin_erasure(bench.database, key, whom, kind="request", reason=f"by {CODES['A']}", now=NOW)
    assert CODES["A"] not in str(refused.value)
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "update register.identity_code set identity_code = %s where identity_code = %s",
            (CODES["A"], CODES["C"]),
        )
    with pytest.raises(ErasureRefused, match="given to two persons"):
        whom_codes_name(bench.database, key, [CODES["A"], CODES["N"]])
    assert bench.query("select count(*) from ledger.tombstone") == [(0,)]
