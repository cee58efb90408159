"""A publication that takes too many persons away, or brings wrong ones, is not seen by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from vtj_pipeline.errors import PublicationRefused
from vtj_pipeline.events import extract_events
from vtj_pipeline.register import PublicationReport, publish_pending
from vtj_pipeline.register.guard import FEW
from vtj_pipeline.sandbox.identity_codes import compose
from vtj_pipeline_tests.builders import START, Bench, Row, basic, day, message, row

pytestmark = pytest.mark.slow

OCTOBER = date(2026, 10, 1)
SCOPE = ("091", "297")
MANY = 2 * FEW + 20
CODES = [compose(date(1960 + n // 20, 5, 1), "-", 900 + n % 20) for n in range(MANY)]


def home(code: str, **more: Any) -> Row:
    return row("KOTIKUNTA", kuntakoodi=code, kuntaanMuuttopv=day("2020-01-01"), **more)


def live(bench: Bench, code: str = "091", codes: Sequence[str] = CODES) -> None:
    """Land a baseline of persons who live in a municipality."""
    everybody = [basic(one, home(code), row("SUKUPUOLI", sukupuoli="MIES")) for one in codes]
    bench.land(everybody, kind="baseline", extraction_date=OCTOBER)


def happen(bench: Bench, codes: Sequence[str], *rows: Row) -> None:
    """Land a day on which the same happened to all of them."""
    bench.land([message(one, "2026-10-05T08:00:00Z", *rows) for one in codes], cursor=START + 500)


DIED = row("KUOLINPAIVA", "LISATTY", kuollut=True, kuolinpv=day("2026-10-04"))
NO_HOME = row("KOTIKUNTA", "POISTETTU", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))


def publish(bench: Bench, scope: Sequence[str] = SCOPE, **settings: Any) -> PublicationReport:
    extract_events(bench.database, bench.storage, bench.settings)
    ours = bench.settings.model_copy(update=settings)
    chosen = {"test": tuple(scope)} if scope else {}
    return publish_pending(bench.database, bench.storage, ours, chosen, run_id="test")


def stands(bench: Bench) -> dict[str, list[tuple[Any, ...]]]:
    """All that a reader could see."""
    names = ("person", "scope_member", "scope_municipality", "publication", "applied_batch")
    return {name: bench.query(f"select * from register.{name} order by 1, 2") for name in names}


@pytest.mark.parametrize(
    ("rows", "what"),
    [(DIED, "living persons"), (NO_HOME, "persons with a home municipality")],
    ids=["died", "homeless"],
)
def test_nobody_sees_that_many_went_until_somebody_said_yes(
    bench: Bench, rows: Row, what: str
) -> None:
    live(bench)
    publish(bench)
    before = stands(bench)
    happen(bench, CODES[: FEW + 1], rows)
    with pytest.raises(PublicationRefused) as refused:
        publish(bench)
    assert f"{FEW + 1} of {MANY} {what} (42.5%)" in str(refused.value)
    assert "VTJ_ACCEPT_PUBLICATION_AFTER=1." in str(refused.value)
    assert not any(code in str(refused.value) for code in CODES)
    assert stands(bench) == before
    with pytest.raises(PublicationRefused):
        publish(bench, accept_publication_after=0)
    assert publish(bench, accept_publication_after=1).publication_id is not None
    assert publish(bench).nothing_to_do
    # It was for that one.
    happen(bench, CODES[-FEW - 1 :], rows)
    with pytest.raises(PublicationRefused, match="VTJ_ACCEPT_PUBLICATION_AFTER="):
        publish(bench, accept_publication_after=1)


def test_a_few_may_go_and_so_may_a_small_part(bench: Bench) -> None:
    live(bench)
    publish(bench)
    happen(bench, CODES[:FEW], DIED)
    assert not publish(bench).nothing_to_do
    happen(bench, CODES[FEW:-1], DIED)
    with pytest.raises(PublicationRefused):
        publish(bench, publication_max_loss_percent=98)
    assert not publish(bench, publication_max_loss_percent=99).nothing_to_do


@pytest.mark.parametrize("scope", [("297",), ()], ids=["another", "none"])
def test_a_scope_that_loses_its_persons_is_refused(bench: Bench, scope: tuple[str, ...]) -> None:
    live(bench)
    publish(bench)
    before = stands(bench)
    if not scope:
        # Without municipalities a product has all of whom it tells; a code list may have nobody.
        bench.query(
            "insert into ledger.code_list_version (subscription, seen_at, codes, added, removed, "
            "run_id) values ('test', now(), 0, 0, 0, 'test') returning 1"
        )
    with pytest.raises(PublicationRefused, match=f"{MANY} of {MANY} persons in the scope of test"):
        publish(bench, scope)
    assert stands(bench) == before
    assert publish(bench, scope, accept_publication_after=1).nothing_to_do
    assert bench.query("select count(*) from register.scope_member where is_member") == [(0,)]


def test_persons_who_live_elsewhere_are_those_of_another_product(bench: Bench) -> None:
    live(bench, "837")
    with pytest.raises(PublicationRefused) as refused:
        publish(bench)
    assert f"test tells of {MANY} persons for the first time, and {MANY} of" in str(refused.value)
    assert stands(bench)["person"] == []
    assert publish(bench, accept_publication_after=0).persons == MANY
    # They are known now, and so is where they live.
    happen(bench, CODES, home("049", muutosattribuutti="LISATTY"))
    assert not publish(bench).nothing_to_do


def test_persons_who_move_out_are_still_its_own(bench: Bench) -> None:
    """Nine of ten who are told of for the first time may live elsewhere."""
    live(bench, "837", CODES[: MANY * 9 // 10])
    live(bench, "091", CODES[MANY * 9 // 10 :])
    assert publish(bench).persons == MANY


def test_a_product_without_municipalities_may_have_anybody(bench: Bench) -> None:
    live(bench, "837")
    assert publish(bench, ()).persons == MANY
