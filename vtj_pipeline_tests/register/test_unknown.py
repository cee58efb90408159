"""What the program does not know is kept, counted by name, and counted the same in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE, Field, Tietoryhma
from vtj_pipeline.events import extract_events
from vtj_pipeline.register import PublicationReport, publish_pending
from vtj_pipeline.register.findings import Unknown
from vtj_pipeline_tests.builders import START, Bench, Row, basic, day, message, row

pytestmark = pytest.mark.slow

GROUP, FIELD = "UUSI_TIETORYHMA", "uusiKentta"
COUNTS = "select kind, tietoryhma, name, rows from register.unknown_seen order by 1, 2, 3"
SECRET = "Salainen"


def home(code: str, since: str = "2020-01-01", **more: Any) -> Row:
    return row("KOTIKUNTA", "LISATTY", kuntakoodi=code, kuntaanMuuttopv=day(since), **more)


def seen(bench: Bench) -> list[tuple[Any, ...]]:
    return bench.query(COUNTS)


def publish_with(bench: Bench, catalogue: Any) -> PublicationReport:
    extract_events(bench.database, bench.storage, bench.settings, catalogue=catalogue)
    return publish_pending(
        bench.database, bench.storage, bench.settings, {}, run_id="test", catalogue=catalogue
    )


def test_groups_fields_and_codes_are_counted_by_name(bench: Bench) -> None:
    bench.land(
        [
            message(
                "A",
                "2026-10-01T08:00:00Z",
                row(GROUP, "LISATTY", arvo=SECRET),
                row(GROUP, "LISATTY", arvo=SECRET + "2"),
                home("997", **{FIELD: SECRET}),
                row("SUKUPUOLI", "LISATTY", sukupuoli="MUU"),
            ),
            message("B", "2026-10-02T08:00:00Z", home("091")),
        ]
    )
    report = bench.publish()
    assert seen(bench) == [
        ("code", "KOTIKUNTA", "kuntakoodi", 1),
        ("code", "SUKUPUOLI", "sukupuoli", 1),
        ("field", "KOTIKUNTA", FIELD, 1),
        ("group", GROUP, None, 2),
    ]
    assert report.unknown[0] == Unknown("group", GROUP, None, 2)
    assert SECRET not in repr(report)


def test_what_is_known_is_not_counted(bench: Bench) -> None:
    named_only = next(g.name for g in CATALOGUE.groups.values() if not g.is_known)
    bench.land(
        [
            message(
                "A",
                "2026-10-01T08:00:00Z",
                row(named_only, "LISATTY", arvo=1),
                home("199"),
                row("AIDINKIELI", "LISATTY", kielikoodi="98", nimi="muu"),
                row("SUKUPUOLI", "LISATTY", sukupuoli="NAINEN"),
            )
        ]
    )
    assert bench.publish().unknown == ()


def test_a_municipality_that_was_gone_before_our_list_begins_is_not_judged(bench: Bench) -> None:
    bench.land(
        [
            message(
                "A",
                "2026-10-01T08:00:00Z",
                row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01")),
                row("SYNTYMAKOTIKUNTA", "LISATTY", kuntakoodi="997"),
                row(
                    "EDELLINEN_KOTIKUNTA",
                    "LISATTY",
                    kuntakoodi="997",
                    kuntaanMuuttopv=day("1990-01-01"),
                    kunnastaPoisMuuttopv=day("1999-12-31"),
                ),
            ),
            message(
                "B",
                "2026-10-01T09:00:00Z",
                row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("2010-01-01")),
                row("SYNTYMAKOTIKUNTA", "LISATTY", kuntakoodi="997"),
            ),
        ]
    )
    (found,) = bench.publish().unknown
    assert (found.tietoryhma, found.rows) == ("SYNTYMAKOTIKUNTA", 1)


def test_a_code_counts_while_it_stands(bench: Bench) -> None:
    bench.land([message(p, "2026-10-01T08:00:00Z", home("997")) for p in "AB"])
    bench.publish()
    assert seen(bench) == [("code", "KOTIKUNTA", "kuntakoodi", 2)]
    wrong, right = home("997"), home("091")
    wrong["muutosattribuutti"], right["muutosattribuutti"] = "KORJATTAVA", "KORJATTU"
    bench.land([message("A", "2026-10-02T08:00:00Z", wrong, right)], cursor=START + 200)
    bench.publish()
    assert seen(bench) == [("code", "KOTIKUNTA", "kuntakoodi", 1)]
    bench.land([message("B", "2026-10-03T08:00:00Z", wrong, right)], cursor=START + 400)
    assert bench.publish().unknown == ()


BATCHES = (
    [message("A", "2026-10-01T08:00:00Z", home("997"), row(GROUP, "LISATTY", arvo=1))],
    [message("B", "2026-10-01T09:00:00Z", home("997", **{FIELD: 1}))],
    [
        message("A", "2026-10-02T08:00:00Z", home("998", "2021-01-01"), row(GROUP, "LISATTY")),
        message("B", "2026-10-02T08:00:00Z", row("SUKUPUOLI", "LISATTY", sukupuoli="MUU")),
    ],
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_and_rebuilding_make_no_difference(bench: Bench, order: tuple[int, ...]) -> None:
    for number in order:
        bench.land(BATCHES[number], cursor=START + 200 * number)
        bench.publish()
    assert seen(bench) == [
        ("code", "KOTIKUNTA", "kuntakoodi", 3),
        ("code", "SUKUPUOLI", "sukupuoli", 1),
        ("field", "KOTIKUNTA", FIELD, 1),
        ("group", GROUP, None, 2),
    ]
    whole = bench.query("select * from register.unknown_seen order by 1, 2, 3")
    assert bench.publish().unknown == bench.publish(rebuild=True).unknown
    # The same rows, and even the same first publications.
    assert bench.query("select * from register.unknown_seen order by 1, 2, 3") == whole


def test_a_group_that_a_new_version_knows_is_no_longer_listed(bench: Bench) -> None:
    bench.land([message("A", "2026-10-01T08:00:00Z", row(GROUP, "LISATTY", arvo="1"))])
    assert bench.publish().unknown
    group = Tietoryhma(GROUP, "uusi", "New.", fields=(Field("arvo"),), key=("arvo",))
    newer = replace(CATALOGUE, groups={**CATALOGUE.groups, GROUP: group})
    assert publish_with(bench, newer).unknown == ()


def test_a_name_that_is_none_is_not_repeated(bench: Bench) -> None:
    bench.land(
        [
            message(
                "A",
                "2026-10-01T08:00:00Z",
                row("010190-999F", "LISATTY"),
                row({"etunimi": SECRET}, "LISATTY"),
                home("091", **{"010190-999F": 1, f"{SECRET} Nimi": 2}),
            )
        ]
    )
    report = bench.publish()
    assert {(u.kind, u.tietoryhma, u.name, u.rows) for u in report.unknown} == {
        ("group", "(not a name)", None, 1),
        ("field", "KOTIKUNTA", "(not a name)", 2),
    }
    # What is no text at all is no name of a group either.
    assert report.quarantined == 1


def test_basic_data_are_counted_too(bench: Bench) -> None:
    bench.land(
        [basic("A", row(GROUP, arvo=1), row("SUKUPUOLI", sukupuoli="MUU"))],
        kind="baseline",
        extraction_date=date(2026, 9, 30),
    )
    bench.publish()
    assert seen(bench) == [("code", "SUKUPUOLI", "sukupuoli", 1), ("group", GROUP, None, 1)]
