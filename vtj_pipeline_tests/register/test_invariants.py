"""Invariants 1–3 of the design on generated feeds, and 4 on the sandbox, through PostgreSQL."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import START, Bench, basic, day, message, row
from vtj_pipeline_tests.conftest import KEY, new_database

_PUTS = st.sampled_from(["LISATTY", "MUUTETTU", "KORJATTU"])
_ATTRIBUTES = st.sampled_from(["LISATTY", "MUUTETTU", "KORJATTU", "POISTETTU", "KORJATTAVA"])
_DAYS = st.sampled_from(["2001-01-01", "2002-02-02", "2003-03-03"])


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A change row of one of the kinds of fold that the catalogue has."""
    kind = draw(st.integers(0, 5))
    attribute = draw(_ATTRIBUTES)
    if kind == 0:
        return row(
            "KOTIKUNTA",
            attribute,
            kuntakoodi=draw(st.sampled_from(["091", "297"])),
            kuntaanMuuttopv=day(draw(_DAYS)),
        )
    if kind == 1:
        return row(
            "EDELLINEN_KOTIKUNTA",
            attribute,
            kuntakoodi="091",
            kuntaanMuuttopv=day(draw(_DAYS)),
            kunnastaPoisMuuttopv=day("2004-04-04"),
        )
    if kind == 2:
        return row("KOTIKUNTA", draw(_PUTS), turvakiellonAlaisetKentat=["kuntakoodi"])
    if kind == 3:
        codes = draw(st.lists(st.sampled_from(["246", "752", "233"]), max_size=2, unique=True))
        return row(
            "KANSALAISUUS",
            draw(_PUTS),
            henkilonKansalaisuudet=[{"kansalaisuuskoodi": code} for code in codes],
        )
    if kind == 4:
        return row("SUKUPUOLI", attribute, sukupuoli=draw(st.sampled_from(["MIES", "NAINEN"])))
    return row("TUNTEMATON", attribute, arvo=draw(st.integers(0, 2)))


@st.composite
def feeds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Messages in journal order, about three persons, each at an instant of its own."""
    count = draw(st.integers(1, 10))
    return [
        message(
            draw(st.sampled_from("ABC")),
            f"2026-10-{number + 1:02}T08:00:00Z",
            *draw(st.lists(rows(), min_size=1, max_size=3)),
        )
        for number in range(count)
    ]


@st.composite
def cuts(draw: st.DrawFn, length: int) -> list[tuple[int, int]]:
    """Pages [from, to) that cover a feed, overlapping and repeated, in any order."""
    borders = sorted({0, length, *draw(st.lists(st.integers(0, length), max_size=4))})
    whole = list(pairwise(borders))
    more = draw(st.lists(st.tuples(st.integers(0, length), st.integers(0, length)), max_size=3))
    pages = whole + [(a, b) for a, b in more if a < b]
    return draw(st.permutations(pages))


def tables(bench: Bench) -> dict[str, pa.Table]:
    """Every folded table and `person`, whole."""
    return {name: bench.table(name) for name in [*TABLES, "person"]}


def new_bench(server: str, folder: Path) -> Bench:
    """A bench on a database of its own."""
    database = new_database(server)
    create_ledger(database)
    create_register(database)
    home = Path(tempfile.mkdtemp(dir=folder))
    return Bench(database, Storage(home), Settings(home=home, person_key=KEY))


def emptied(bench: Bench, folder: Path) -> Bench:
    """The same database with nothing in it, and a home of its own."""
    names = [*TABLES, "person", "quarantine", "applied_batch", "publication", "scope_municipality"]
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(f'register.{n}' for n in names)} cascade")
        cursor.execute("truncate ledger.call, ledger.landing_batch, ledger.baseline_round cascade")
    connection.close()
    home = Path(tempfile.mkdtemp(dir=folder))
    return Bench(bench.database, Storage(home), Settings(home=home, person_key=KEY))


@pytest.fixture
def two_benches(servers: dict[str, str], tmp_path: Path) -> tuple[Bench, Bench]:
    """Two benches to compare."""
    return new_bench(servers["embedded"], tmp_path), new_bench(servers["embedded"], tmp_path)


def land_cuts(bench: Bench, feed: list[dict[str, Any]], pages: list[tuple[int, int]]) -> None:
    """Land pages of a feed; a page's cursor is the journal position before its first message."""
    for first, last in pages:
        bench.land(feed[first:last], cursor=START + first)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_order_borders_and_repetition_of_pages_make_no_difference(
    two_benches: tuple[Bench, Bench], tmp_path: Path, data: st.DataObject
) -> None:
    feed = data.draw(feeds())
    snapshot = [
        basic(
            p,
            row("SUKUPUOLI", sukupuoli="MIES"),
            row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2001-01-01")),
        )
        for p in "AB"
    ]
    plain, shuffled = (emptied(bench, tmp_path) for bench in two_benches)
    plain.land(snapshot, cursor=START - 1, kind="baseline", extraction_date=date(2026, 9, 30))
    plain.land(feed, cursor=START)
    plain.publish()

    pages = data.draw(cuts(len(feed)))
    middle = data.draw(st.integers(0, len(pages)))
    land_cuts(shuffled, feed, pages[:middle])
    shuffled.publish()
    land_cuts(shuffled, feed, pages[middle:])
    shuffled.land(snapshot, cursor=START - 1, kind="baseline", extraction_date=date(2026, 9, 30))
    shuffled.publish()

    expected = tables(plain)
    assert tables(shuffled) == expected
    assert shuffled.publish().nothing_to_do
    assert shuffled.publish(rebuild=True).nothing_to_do
    assert tables(shuffled) == expected


def _facts(bench: Bench, query: str) -> set[tuple[Any, ...]]:
    return set(bench.query(query))


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_the_register_says_what_the_source_says(
    ready_database: Any, storage: Storage, settings: Settings, account: str
) -> None:
    """Invariant 4 on 2,000 persons × 60 days, with much more happening than in life."""
    start, days = date(2026, 9, 1), 60
    sandbox = Sandbox(
        SandboxOptions(
            persons=2000,
            days=days,
            seed=11,
            start=start,
            activity=20.0,
        )
    )
    bench = Bench(ready_database, storage, settings)
    sandbox.advance_to(start)
    baseline = sandbox.weekly_copy(
        municipalities=None, codes=sandbox.in_scope_codes(account), account=account
    )
    cursor = sandbox.cursor_of_day(start)
    bench.land(baseline["perustiedot"], cursor=cursor, kind="baseline", extraction_date=start)
    sandbox.advance_to(start + timedelta(days=days))
    pages = []
    while True:
        answer = sandbox.changes(cursor, account=account)
        pages.append((cursor, answer["muutokset"]))
        cursor = answer["viimeisinKirjausavain"]
        if answer["ajanTasalla"]:
            break
    bench.land_pages(pages)
    bench.publish()
    codes = sandbox.in_scope_codes(account)
    truth = [
        person
        for first in range(0, len(codes), 1000)
        for person in sandbox.basic_data(codes[first : first + 1000], account=account)[
            "perustiedot"
        ]
    ]
    told = {p["henkilotunnus"]: p["tietoryhmat"] for p in truth}
    assert sum(len(messages) for _, messages in pages) > 1000
    for name, (query, expected) in _comparisons(told).items():
        found = {r for r in _facts(bench, query) if r[0] in told}
        assert found == expected, f"{name}: {len(found ^ expected)} differences"


def _comparisons(told: dict[str, list[Any]]) -> dict[str, tuple[str, set[tuple[Any, ...]]]]:
    """Per fact: the register's current rows by code, and what the source tells."""

    def of(group: str) -> list[tuple[str, dict[str, Any]]]:
        return [(c, r) for c, rs in told.items() for r in rs if r["tietoryhma"] == group]

    def at(row_: dict[str, Any], name: str) -> date | None:
        value = row_.get(name)
        return date.fromisoformat(value["arvo"]) if value else None

    def after(row_: dict[str, Any], name: str) -> date | None:
        value = at(row_, name)
        return value + timedelta(days=1) if value else None

    def masked(row_: dict[str, Any]) -> bool:
        return "turvakiellonAlaisetKentat" in row_

    def query(columns: str, table: str, where: str = "true") -> str:
        return (
            f"select p.identity_code, {columns} from register.{table} as t "
            f"join register.person as p using (person_id) "
            f"where t.recorded_to is null and {where}"
        )

    streets = "street_fi, house_number, apartment_number, building_id, t.valid_from, withheld"
    return {
        "name": (
            query("first_names, last_name, call_name", "name"),
            {
                (
                    c,
                    r["etunimi"],
                    r["sukunimi"],
                    next((k["nimi"] for d, k in of("KUTSUMANIMI") if d == c), None),
                )
                for c, r in of("HENKILON_NIMI")
            },
        ),
        "birth": (
            query("birth_date", "birth", "birth_date is not null"),
            {(c, at(r, "syntymapv")) for c, r in of("SYNTYMAPAIVA")},
        ),
        "sex": (query("sex", "sex"), {(c, r["sukupuoli"]) for c, r in of("SUKUPUOLI")}),
        "death": (
            query("is_dead, death_date", "death"),
            {(c, r["kuollut"], at(r, "kuolinpv")) for c, r in of("KUOLINPAIVA")},
        ),
        "protection": (
            query("is_active", "protection_order"),
            {(c, r["turvakieltoAktiivinen"]) for c, r in of("TURVAKIELTO")},
        ),
        "home": (
            query("municipality_code, t.valid_from, t.valid_to, withheld", "home_municipality"),
            {
                (c, r.get("kuntakoodi"), at(r, "kuntaanMuuttopv"), None, masked(r))
                for c, r in of("KOTIKUNTA")
            }
            | {
                (
                    c,
                    r["kuntakoodi"],
                    at(r, "kuntaanMuuttopv"),
                    after(r, "kunnastaPoisMuuttopv"),
                    False,
                )
                for c, r in of("EDELLINEN_KOTIKUNTA")
            },
        ),
        "address": (
            query(streets, "address", "address_type = 'permanent_domestic' and valid_to is null"),
            {
                (
                    c,
                    r.get("katunimi", {}).get("fi"),
                    r.get("katunumero"),
                    r.get("huoneistonumero"),
                    r.get("rakennustunnus"),
                    at(r, "alkupv"),
                    masked(r),
                )
                for c, r in of("VAKINAINEN_KOTIMAINEN_OSOITE")
            },
        ),
        "postal": (
            query(
                "address_line_fi, postal_code, t.valid_from, withheld",
                "address",
                "address_type = 'postal_domestic' and valid_to is null",
            ),
            {
                (
                    c,
                    r.get("postiosoite", {}).get("fi"),
                    r.get("postinumero"),
                    at(r, "alkupv"),
                    masked(r),
                )
                for c, r in of("KOTIMAINEN_POSTIOSOITE")
            },
        ),
        "language": (
            query("language_code, t.valid_from", "language", "valid_to is null"),
            {(c, r["kielikoodi"], at(r, "alkupv")) for c, r in of("AIDINKIELI")},
        ),
        "citizenship": (
            query("country_code, is_active, t.valid_from", "citizenship"),
            {
                (c, k["kansalaisuuskoodi"], k.get("voimassaolo") != "PASSIIVI", at(k, "saamispv"))
                for c, r in of("KANSALAISUUS")
                for k in r["henkilonKansalaisuudet"]
            },
        ),
    }
