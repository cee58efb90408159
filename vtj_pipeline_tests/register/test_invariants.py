"""Invariants 1–3 of the design on generated feeds, through PostgreSQL.

Invariant 4 stands in `test_source_agreement.py`.
"""

from __future__ import annotations

import tempfile
from datetime import date
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
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import START, Bench, basic, day, message, row
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database

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
    return Bench(database, Storage(home, DATA_KEYS), Settings(home=home, person_key=KEY))


_ALL_TABLES = (
    "select schemaname || '.' || tablename from pg_tables "
    "where schemaname in ('register', 'ledger') and tablename <> 'schema_version'"
)


def emptied(bench: Bench, folder: Path) -> Bench:
    """The same database with nothing in it, and a home of its own."""
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(_ALL_TABLES)
        names = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"truncate {names} cascade")
    connection.close()
    home = Path(tempfile.mkdtemp(dir=folder))
    return Bench(bench.database, Storage(home, DATA_KEYS), Settings(home=home, person_key=KEY))


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
