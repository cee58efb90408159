"""The proof of the chain of cursors: unbroken, or broken exactly where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.errors import SourceUnavailable
from vtj_pipeline.landing import (
    Proof,
    Storage,
    asking,
    land_baseline,
    land_day,
    note_all,
    prove,
    prove_and_note,
)
from vtj_pipeline.landing import changes as module
from vtj_pipeline.postgres import Database
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    Asked,
    FakeSource,
    Told,
    changes,
    cursor,
    weekly_copy,
)
from vtj_pipeline_tests.source.products import CODES, code_list, municipality

pytestmark = pytest.mark.slow

START = date(2026, 11, 1)
TODAY = date(2026, 11, 10)


def day(number: int) -> date:
    return date(2026, 11, number)


class Nights:
    """A source whose days are a hundred cursors long, and nights that land them."""

    def __init__(
        self, source: FakeSource, opens: Opens, storage: Storage, database: Database
    ) -> None:
        self.source, self._opens, self._storage, self.database = source, opens, storage, database
        source.on("kirjausavain/2026-10-31", cursor(0))
        for number in range(1, 20):
            source.on(f"kirjausavain/{day(number)}", cursor(number * 100))
        source.on("muutokset", self.answer)

    @staticmethod
    def answer(asked: Asked) -> Told:
        """Thirty cursors on, always with more to come."""
        return changes(asked.body["viimeisinKirjausavain"] + 30, caught_up=False)

    def land(self, *days: int, subscription: Subscription | None = None, **more: Any) -> None:
        """Land days, each by a run of its own."""
        one = subscription or municipality()
        for number in days:
            land_day(
                one,
                day(number),
                self._opens(one, api_attempts=1),
                self._storage,
                self.database,
                today=TODAY,
                run_id=f"run-{number}",
                **more,
            )

    def baseline(self, taken: date, **more: Any) -> None:
        """Take the weekly copy of a day."""
        self.source.on("perustiedot-vko", weekly_copy(CODES, taken.isoformat()))
        one = municipality(municipalities=("297",))
        land_baseline(
            one, self._opens(one), self._storage, self.database, run_id="baseline", **more
        )

    def proof(self, name: str = "towns") -> Proof:
        """What the ledger proves."""
        return prove(self.database, name, START, TODAY)


@pytest.fixture
def nights(source: FakeSource, opens: Opens, storage: Storage, ready_database: Database) -> Nights:
    return Nights(source, opens, storage, ready_database)


def open_days(proof: Proof) -> list[tuple[int, int | None, int | None]]:
    return [(one.day.day, one.after, one.before) for one in proof.open_breaks]


def reached(proof: Proof) -> tuple[int | None, int]:
    assert proof.anchor is not None
    return proof.anchor.day.day if proof.anchor.day else None, proof.anchor.cursor


@pytest.mark.parametrize(
    "order",
    [(1, 2, 3, 4), (4, 3, 2, 1), (3, 1, 4, 2)],
    ids=["forwards", "backwards", "mixed"],
)
def test_days_in_any_order_make_one_chain(nights: Nights, order: Sequence[int]) -> None:
    nights.land(*order)
    proof = nights.proof()
    assert proof.is_unbroken and proof.breaks == ()
    assert (proof.days, proof.behind) == (4, 5)
    assert reached(proof)[0] == 4
    assert reached(proof)[1] >= 500
    assert proof.anchor is not None and proof.anchor.run_id == "run-4"


def test_nothing_landed_proves_nothing(nights: Nights) -> None:
    proof = nights.proof()
    assert (proof.anchor, proof.days, proof.breaks, proof.behind) == (None, 0, (), 9)
    assert proof.age(datetime.now(UTC)) is None


def test_a_skipped_day_is_covered_by_the_next_and_two_are_not(nights: Nights) -> None:
    nights.land(1, 2, 4)
    assert nights.proof().is_unbroken
    nights.land(7)
    proof = nights.proof()
    [[five, after, before], [six, *_]] = open_days(proof)
    assert (five, six) == (5, 6)
    assert after is not None and before is not None and 500 <= after < before == 600
    assert reached(proof)[0] == 4
    nights.land(5, 6)
    assert nights.proof().is_unbroken


def test_a_day_that_broke_off_is_named_with_its_cursor(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BATCH_BYTES", 1)
    nights.land(1, 2)
    calls = iter(range(100))
    nights.source.on(
        "muutokset",
        lambda asked: Told(b"", status=503) if next(calls) == 2 else nights.answer(asked),
    )
    with pytest.raises(SourceUnavailable):
        nights.land(3)
    proof = nights.proof()
    [broken] = proof.open_breaks
    assert (broken.day.day, broken.unit, broken.before) == (3, "all", None)
    assert "to its end" in broken.reason and "2026-11-03" in broken.said
    assert reached(proof)[0] == 2
    nights.land(3)
    assert nights.proof().is_unbroken


def test_a_batch_that_is_gone_from_the_ledger_is_found(
    nights: Nights, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BATCH_BYTES", 1)
    nights.land(1, 2)
    [(batch, first, last)] = ledger.rows(
        "select batch_id, first_cursor, last_cursor from ledger.landing_batch "
        "where partition_day = '2026-11-02' and not completes_partition order by 1 limit 1 offset 1"
    )
    ledger.rows(f"delete from ledger.call where batch_id = {batch} returning 1")
    ledger.rows(f"delete from ledger.landing_batch where batch_id = {batch} returning 1")
    proof = nights.proof()
    assert open_days(proof) == [(2, first, last)]
    assert reached(proof)[0] == 1


def test_an_answer_that_is_gone_from_a_batch_is_found(nights: Nights, ledger: Ledger) -> None:
    nights.land(1)
    ledger.rows("delete from ledger.call where sequence = 1 returning 1")
    [broken] = nights.proof().open_breaks
    assert "answers do not follow" in broken.reason


def test_a_later_baseline_makes_up_for_a_break(nights: Nights) -> None:
    nights.baseline(day(1))
    nights.land(1, 2, 7)
    assert [one.day.day for one in nights.proof().open_breaks] == [3, 4, 5, 6]
    nights.baseline(day(6), fetch_again=True)
    proof = nights.proof()
    assert proof.is_unbroken
    assert [one.day.day for one in proof.breaks] == [3, 4, 5, 6]
    assert reached(proof)[0] == 7


def test_changes_that_begin_behind_the_baseline_are_a_break(nights: Nights) -> None:
    nights.baseline(day(1))
    nights.land(4)
    assert open_days(nights.proof()) == [(4, 100, 300)]
    proof = nights.proof()
    assert reached(proof) == (None, 100)
    nights.land(2)
    assert nights.proof().is_unbroken


def test_a_journal_in_which_nothing_happened_is_no_break(nights: Nights) -> None:
    nights.source.on("kirjausavain/2026-11-02", cursor(40))
    nights.baseline(day(2))
    # Asked again later, the day begins at its first entry, as does the one before it.
    nights.source.on("kirjausavain/2026-11-01", cursor(135))
    nights.source.on("kirjausavain/2026-11-02", cursor(135))
    nights.land(2)
    assert nights.proof().breaks == ()


def test_a_later_baseline_makes_up_for_a_day_that_broke_off(nights: Nights) -> None:
    nights.land(1)
    nights.source.on("muutokset", Told(b"", status=503))
    with pytest.raises(SourceUnavailable):
        nights.land(2)
    nights.source.on("muutokset", nights.answer)
    nights.land(3)
    nights.baseline(day(3))
    assert nights.proof().is_unbroken


def test_days_before_the_first_are_missing_without_a_baseline(nights: Nights) -> None:
    nights.land(3)
    assert [one.day.day for one in nights.proof().open_breaks] == [1, 2]


def test_a_baseline_alone_stands_at_its_day(nights: Nights) -> None:
    nights.baseline(day(4))
    proof = nights.proof()
    assert reached(proof) == (None, 400)
    assert proof.age(datetime(2026, 11, 6, 22, tzinfo=UTC)) == timedelta(days=3)


def test_the_age_is_that_of_the_cursor_and_not_of_the_run(nights: Nights) -> None:
    nights.land(1, 2)
    # Landed today, it stands at the beginning of the third day in Finland.
    now = datetime(2026, 11, 9, 22, tzinfo=UTC)
    assert nights.proof().age(now) == timedelta(days=7)
    nights.source.on("muutokset", changes(310))
    nights.land(3, 4)
    # Nothing more was to be had: the cursor is as young as the answer.
    assert reached(nights.proof()) == (4, 310)
    age = nights.proof().age(datetime.now(UTC))
    assert age is not None and age < timedelta(minutes=5)


def test_every_part_of_a_code_list_has_to_be_whole(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LARGEST_CODE_LIST", 2)
    listed = code_list(tmp_path)
    nights.land(1, subscription=listed)
    assert nights.proof("listed").is_unbroken

    def half(asked: Asked) -> Told:
        return Told(b"", status=503) if len(asked.body["hetulista"]) == 1 else nights.answer(asked)

    nights.source.on("muutokset", half)
    with pytest.raises(SourceUnavailable):
        nights.land(2, subscription=listed)
    [broken] = nights.proof("listed").open_breaks
    assert (broken.day.day, broken.reason) == (2, "nothing has landed")
    assert broken.unit not in (None, "all")
    nights.source.on("muutokset", nights.answer)
    # The list changed meanwhile: the day is whole of the new one.
    nights.land(2, subscription=code_list(tmp_path, (CODES[0], "040490-996W")))
    assert nights.proof("listed").is_unbroken


def noted(database: Database) -> list[tuple[Any, ...]]:
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select subscription, starts_on, cursor, reached_at, proven_day, days_whole, "
                "days_behind, open_breaks, run_id, proven_at from ledger.proven_cursor order by 1"
            )
            return cursor.fetchall()
    finally:
        connection.close()


def test_what_is_proven_is_noted_and_noted_anew(nights: Nights) -> None:
    towns = municipality(start_date=START)
    prove_and_note(nights.database, towns, TODAY)
    nothing = (None,) * 3
    assert noted(nights.database) == [("towns", START, *nothing, 0, 9, 0, None, None)]
    nights.land(1, 2, 5)
    proof = prove_and_note(nights.database, towns, TODAY)
    anchor = proof.anchor
    assert anchor is not None and proof == nights.proof()
    place = (anchor.cursor, anchor.at, day(2))
    run = ("run-2", anchor.proven_at)
    assert noted(nights.database) == [("towns", START, *place, 3, 4, 2, *run)]


def test_a_subscription_that_is_no_more_is_not_noted(nights: Nights) -> None:
    others = [municipality(name=name, start_date=START) for name in ("hamlets", "towns")]
    note_all(nights.database, others, TODAY)
    assert [row[0] for row in noted(nights.database)] == ["hamlets", "towns"]
    note_all(nights.database, others[1:], TODAY)
    assert [row[0] for row in noted(nights.database)] == ["towns"]
    note_all(nights.database, [], TODAY)
    assert noted(nights.database) == []
