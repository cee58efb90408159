"""A code list over time: versions, additions, removals, and a code that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vtj_pipeline.landing import Storage, record_code_list
from vtj_pipeline.landing.tombstones import set_tombstones
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import PersonKey
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import message, row
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.landing.listed import Customer, person
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource
from vtj_pipeline_tests.source.products import CODES, municipality

pytestmark = pytest.mark.slow

A, B, C = CODES
NEW = "040490-996W"
VERSIONS = "select codes, added, removed from ledger.code_list_version order by version_id"


@pytest.fixture
def customer(
    source: FakeSource,
    opens: Opens,
    storage: Storage,
    ready_database: Database,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Customer:
    # The client's settings and the register's must have one key.
    monkeypatch.setenv("VTJ_PERSON_KEY", KEY)
    known = {code: person(code) for code in (*CODES, NEW)}
    return Customer(source, opens, storage, ready_database, tmp_path, settings, known=known)


def test_a_list_has_a_version_for_each_change_and_holds_no_code(customer: Customer) -> None:
    for codes in ((A, B), (B, A), (B, C), (B, C), (A, B, C)):
        one = customer.subscription(codes)
        version = record_code_list(one, customer.settings, customer.database, run_id="test")
        assert version is not None
        assert version.codes == len(codes)
    assert customer.ledger.rows(VERSIONS) == [(2, 2, 0), (2, 1, 1), (3, 1, 0)]
    stays = customer.ledger.rows("select * from ledger.code_list_member")
    # A came, went and came back; every version can be told from this.
    assert len(stays) == 4
    first, second, third = (
        row[0] for row in customer.ledger.rows("select version_id from ledger.code_list_version")
    )
    then = (
        "select count(*) from ledger.code_list_member where first_version <= {0} "
        "and coalesce(removed_version, {0} + 1) > {0}"
    )
    sizes = [customer.ledger.rows(then.format(v)) for v in (first, second, third)]
    assert sizes == [[(2,)], [(2,)], [(3,)]]
    said = str(stays) + str(customer.ledger.rows("select * from ledger.code_list_version"))
    assert not [code for code in CODES if code in said]


def test_a_product_whose_persons_the_source_chooses_has_no_list(customer: Customer) -> None:
    chosen = record_code_list(municipality(), customer.settings, customer.database, run_id="test")
    assert chosen is None


def test_who_is_added_gets_basic_data_once_and_is_followed_from_then_on(customer: Customer) -> None:
    customer.baseline((A, B))
    assert customer.refresh((A, B)) == []
    assert customer.day((A, B)) == [[A, B]]
    customer.bench.publish()
    assert customer.members() == {A: True, B: True}
    # The new list is noticed by the day, whose changes it follows; then the new one is asked for.
    assert customer.day((A, B, C)) == [[A, B, C]]
    asked = len(customer.source.asked)
    assert customer.refresh((A, B, C)) == [[C]]
    assert customer.source.paths()[asked:] == ["perustiedot"]
    [(cursor,)] = customer.ledger.rows(
        "select cursor_in from ledger.call inner join ledger.landing_batch using (batch_id) "
        "where kind = 'refresh'"
    )
    [(last,)] = customer.ledger.rows(
        "select max(last_cursor) from ledger.landing_batch where kind <> 'refresh'"
    )
    assert cursor == last
    customer.bench.publish()
    assert customer.members() == {A: True, B: True, C: True}
    assert customer.refresh((A, B, C)) == []


def test_an_addition_that_the_source_leaves_out_waits_a_week_and_is_remembered(
    customer: Customer,
) -> None:
    customer.baseline((A,))
    del customer.known[C]
    assert customer.refresh((A, C)) == [[C]]
    assert customer.refresh((A, C)) == []
    assert customer.ledger.rows(
        "select tietoryhma, times, settled_at is null from ledger.not_answered"
    ) == [("", 1, True)]
    for table in ("refresh_asked", "not_answered"):
        _age(customer, table)
    customer.known[C] = person(C)
    assert customer.refresh((A, C)) == [[C]]
    assert customer.ledger.rows(
        "select tietoryhma, times, settled_at is null from ledger.not_answered"
    ) == [("", 1, False)]
    assert customer.refresh((A, C)) == []


def test_a_code_that_the_baseline_was_not_answered_about_is_asked_for_again_once_a_week(
    customer: Customer,
) -> None:
    """The register knows nobody by it, and so cannot ask."""
    known = customer.known.pop(C)
    customer.baseline((A, B, C))
    customer.day((A, B, C))
    customer.bench.publish()
    assert customer.refresh((A, B, C)) == []
    for times in (2, 3):
        _age(customer, "not_answered")
        assert customer.refresh((A, B, C)) == [[C]]
        assert customer.refresh((A, B, C)) == []
        assert customer.ledger.rows("select times from ledger.not_answered") == [(times,)]
    customer.known[C] = known
    _age(customer, "not_answered")
    assert customer.refresh((A, B, C)) == [[C]]
    customer.bench.publish()
    assert customer.members() == {A: True, B: True, C: True}
    _age(customer, "not_answered")
    assert customer.refresh((A, B, C)) == []


def test_an_unanswered_code_that_left_the_list_is_no_longer_asked_for(customer: Customer) -> None:
    del customer.known[C]
    customer.baseline((A, B, C))
    _age(customer, "not_answered")
    assert customer.refresh((A, B)) == []


def test_who_is_removed_leaves_the_scope_and_keeps_every_row(customer: Customer) -> None:
    customer.baseline((A, B))
    customer.bench.publish()
    rows = customer.bench.table("sex")
    assert customer.day((A,)) == [[A]]
    customer.bench.publish()
    assert customer.members() == {A: True, B: False}
    assert customer.bench.table("sex").equals(rows)
    # And comes back without being asked for again: their data were taken, and stand.
    customer.day((A, B))
    customer.bench.publish()
    assert customer.members() == {A: True, B: True}


def test_a_list_alone_changes_the_scope_though_nothing_landed(customer: Customer) -> None:
    customer.baseline((A, B))
    customer.bench.publish()
    one = customer.subscription((B,))
    record_code_list(one, customer.settings, customer.database, run_id="test")
    assert customer.bench.publish().nothing_to_do
    assert customer.members() == {A: False, B: True}


def test_who_comes_back_to_the_list_is_asked_for_anew(customer: Customer) -> None:
    customer.baseline((A, B))
    customer.day((A,))
    customer.day((A, B))
    # What happened to B meanwhile was told to nobody here.
    assert customer.refresh((A, B)) == [[B]]


def test_old_and_new_code_are_both_sent_and_mean_one_member(customer: Customer) -> None:
    customer.baseline((A, B))
    customer.bench.publish()
    correction = {
        "muutettuHenkilotunnus": NEW,
        "aktiivinenHenkilotunnus": NEW,
        "edellisetHenkilotunnukset": [A],
        "voimassaolo": "AKTIIVI",
    }
    passive = {**correction, "muutettuHenkilotunnus": A, "voimassaolo": "PASSIIVI"}
    change = message(
        A,
        # After the baseline, whose answers bear the time at which they came.
        (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        row("HENKILOTUNNUS_KORJAUS", "LISATTY", **correction),
        row("HENKILOTUNNUS_KORJAUS", "MUUTETTU", **passive),
    )
    customer.source.on(
        "muutokset", lambda asked: customer.tell([change] if A in asked.body["hetulista"] else [])
    )
    assert customer.day((A, B)) == [[A, B]]
    customer.bench.publish()
    # The customer does not know yet, and then knows the new code alone.
    assert customer.day((A, B)) == [sorted((A, B, NEW))]
    assert customer.day((NEW, B)) == [sorted((A, B, NEW))]
    customer.bench.publish()
    assert customer.members() == {NEW: True, B: True}
    assert customer.day((B,)) == [[B]]
    customer.bench.publish()
    assert customer.members() == {NEW: False, B: True}


def test_a_code_that_another_person_has_as_well_is_not_sent(customer: Customer) -> None:
    customer.baseline((A, B, C))
    customer.bench.publish()
    for holder, code in ((A, NEW), (A, "050590-995V"), (C, "050590-995V")):
        customer.bench.query(
            "insert into register.identity_code (row_id, person_id, identity_code, recorded_from) "
            f"select gen_random_uuid(), person_id, '{code}', now() from register.person "
            f"where identity_code = '{holder}' returning 1"
        )
    assert customer.day((A, B)) == [sorted((A, B, NEW))]


def test_one_person_may_be_in_two_subscriptions(customer: Customer) -> None:
    customer.baseline((A, B))
    customer.more = {"name": "other"}
    customer.baseline((B, C))
    customer.bench.publish()
    query = (
        "select m.subscription, p.identity_code from register.scope_member as m "
        "inner join register.person as p on m.person_id = p.person_id where m.is_member order by 1"
    )
    expected = {("listed", A), ("listed", B), ("other", B), ("other", C)}
    assert set(customer.bench.query(query)) == expected
    customer.day((C,))
    customer.bench.publish()
    assert set(customer.bench.query(query)) == expected - {("other", B)}


def _age(customer: Customer, table: str) -> None:
    """As if a week had gone by."""
    column = {"refresh_asked": "asked_at", "not_answered": "last_asked_at"}[table]
    customer.bench.query(
        f"update ledger.{table} set {column} = {column} - interval '8 days' returning 1"
    )


def test_who_was_erased_and_is_still_listed_is_not_asked_for(customer: Customer) -> None:
    key = PersonKey.of(KEY.encode())
    customer.baseline((A, B))
    with customer.database.connect() as connection, connection.cursor() as cursor:
        set_tombstones(cursor, key, [A], 1, None)
    assert customer.day((A, B)) == [[B]]
    assert customer.refresh((A, B, C)) == [[C]]
    listed = "select code_id::text from ledger.code_list_member where removed_version is null"
    assert {one for (one,) in customer.ledger.rows(listed)} == {
        str(key.person_id_of(code)) for code in (B, C)
    }
