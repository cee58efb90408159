"""Who is erased for good does not land again; who left the scope does, once more is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vtj_pipeline.erasure import begin_erasure, who_left_scope, whom_tombstones_name
from vtj_pipeline.landing import (
    Storage,
    landed_batches,
    read_pages,
)
from vtj_pipeline.landing.ledger import NewBatch
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.landing.report import commit, ledger_connection, page
from vtj_pipeline.landing.tombstones import lift_tombstones, set_tombstones
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import create_audit, person_key
from vtj_pipeline.settings import Settings
from vtj_pipeline.source.messages import Answer
from vtj_pipeline_tests.builders import CODES, START, Bench, Row, basic, day, message, row
from vtj_pipeline_tests.erasure.steps import NOW, erase, finish
from vtj_pipeline_tests.erasure.test_redaction import NAME, NEW_CODE, body

pytestmark = pytest.mark.slow

IN, OUT = "091", "853"
BORN = row("SYNTYMAPAIVA", syntymapv=day("1990-01-01"))


def home(code: str, since: str, attribute: str | None = None) -> Row:
    return row("KOTIKUNTA", attribute, kuntakoodi=code, kuntaanMuuttopv=day(since))


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A and C have moved away, A in the spring and C the other day; B is at home."""
    create_audit(ready_database)
    bench = Bench(ready_database, storage, settings, scope=(IN,))
    persons = [basic(one, BORN, home(IN, "2004-05-01")) for one in "ABC"]
    bench.land(persons, kind="baseline", extraction_date=datetime(2026, 1, 1, tzinfo=UTC).date())
    for person, moved in (("A", "2026-04-01"), ("C", "2026-10-28")):
        left = {**home(IN, "2004-05-01", "MUUTETTU"), "kuntaanMuuttoLoppupv": day(moved)}
        told = message(person, f"{moved}T10:00:00Z", home(OUT, moved, "LISATTY"), left)
        bench.land([told], cursor=START + 100)
    bench.publish()
    return bench


def told(bench: Bench, *messages: Row, kind: str = "change", cursor: int = START + 900) -> None:
    """Let an answer land as the program does."""
    key = "muutokset" if kind == "change" else "perustiedot"
    moment = NOW + timedelta(days=5)
    answer = Answer(key, 200, body(*messages, key=key), moment, cursor + 1, True, 1, None)
    batch = NewBatch(
        "test", kind, None, None, str(cursor), f"landing/test/{cursor}", "", 0, cursor, True, "test"
    )
    with ledger_connection(bench.database) as connection:
        pages = [page(answer, cursor_in=cursor, asked_as=asked_hash(None), asked=0)]
        commit(connection, bench.storage, person_key(bench.settings), batch, pages)


def registered(bench: Bench) -> set[str]:
    bench.publish()
    return {code for (code,) in bench.query("select identity_code from register.person")}


def test_what_is_told_again_of_an_erased_person_does_not_land(bench: Bench) -> None:
    erase(bench, "A")
    again = message("A", "2026-04-01T10:00:00Z", NAME)
    told(bench, again, message("B", "2026-11-05T10:00:00Z", NAME))
    told(bench, basic("A", BORN, NAME), basic("B", BORN, NAME), kind="refresh", cursor=START + 950)
    told(bench, message("A", "2026-11-06T10:00:00Z", home(IN, "2026-11-06", "LISATTY")))
    assert registered(bench) == {CODES["B"], CODES["C"]}
    for batch in landed_batches(bench.database):
        for kept in read_pages(bench.storage, batch)["body"].to_pylist():
            assert CODES["A"].encode() not in kept


def test_nor_under_a_new_code(bench: Bench) -> None:
    erase(bench, "A")
    told(bench, message("N", "2026-11-05T10:00:00Z", NEW_CODE, NAME))
    told(bench, message("N", "2026-11-06T10:00:00Z", NAME), cursor=START + 950)
    assert registered(bench) == {CODES["B"], CODES["C"]}


def test_until_it_is_lifted(bench: Bench) -> None:
    erase(bench, "A")
    key = person_key(bench.settings)
    with bench.database.connect() as connection, connection.cursor() as cursor:
        assert lift_tombstones(cursor, key, [CODES["A"], CODES["N"]]) == 1
    told(bench, basic("A", BORN, home(IN, "2026-11-06")), kind="refresh")
    assert CODES["A"] in registered(bench)


def test_whom_a_restored_backup_brings_back_is_erased_again_by_the_tombstone(bench: Bench) -> None:
    key = person_key(bench.settings)
    # Of an erasure later than the backup its tombstones are all that was kept.
    with bench.database.connect() as connection, connection.cursor() as cursor:
        set_tombstones(cursor, key, [CODES["A"]], 7, None)
        set_tombstones(cursor, key, [CODES["C"]], 8, datetime(2026, 9, 1, tzinfo=UTC))
    whom = whom_tombstones_name(bench.database, key)
    assert (whom.codes, whom.persons) == ({CODES["A"]}, 1)
    finish(bench, begin_erasure(bench.database, key, whom, kind="request", reason="x", now=NOW))
    assert registered(bench) == {CODES["B"], CODES["C"]}


def test_by_the_rule_those_go_who_left_long_enough_ago(bench: Bench) -> None:
    key = person_key(bench.settings)

    def over(rules: dict[str, int]) -> list[str]:
        return sorted(who_left_scope(bench.database, key, rules, NOW).codes)

    assert over({"test": 60}) == [CODES["A"]]
    assert over({"test": 3}) == [CODES["A"], CODES["C"]]
    assert over({"test": 365}) == []
    assert over({}) == over({"another": 1}) == []


def test_who_was_erased_by_the_rule_and_comes_back_is_known_again(bench: Bench) -> None:
    key = person_key(bench.settings)
    whom = who_left_scope(bench.database, key, {"test": 60}, NOW)
    number = begin_erasure(bench.database, key, whom, kind="retention", reason="rule", now=NOW)
    finish(bench, number)
    told(bench, message("A", "2026-04-01T10:00:00Z", NAME))
    assert registered(bench) == {CODES["B"], CODES["C"]}
    back = message("A", "2026-11-05T10:00:00Z", home(IN, "2026-11-05", "LISATTY"))
    told(bench, back, cursor=START + 950)
    assert CODES["A"] in registered(bench)
    assert bench.query("select count(*) from register.name where first_names is not null") == [(0,)]
    # Another erasure does not take the returned person for a trace.
    erase(bench, "C")
    assert registered(bench) == {CODES["A"], CODES["B"]}
