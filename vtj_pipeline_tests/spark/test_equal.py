"""Spark folds what DuckDB folds in one process: the same rows, reports and counts."""

from __future__ import annotations

from itertools import zip_longest

import pytest

from vtj_pipeline_tests.builders import START, basic, day, message, row
from vtj_pipeline_tests.register.all_cases import CASES
from vtj_pipeline_tests.register.cases import renamed
from vtj_pipeline_tests.register.test_cases import _land
from vtj_pipeline_tests.spark.both import Both

AT = "2026-10-0{}T08:00:00.123Z"
HOME = row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01"))
MOVED = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))


def name(first: str) -> dict[str, object]:
    return row("HENKILON_NIMI", etunimi=first, sukunimi="Koelähde", alkupv=day("2000-01-01"))


def code(person: str, new: str) -> dict[str, object]:
    return row(
        "HENKILOTUNNUS_KORJAUS", "LISATTY", muutettuHenkilotunnus=person,
        aktiivinenHenkilotunnus=new, voimassaolo="PASSIIVI",
    )  # fmt: skip


@pytest.mark.slow
def test_a_few_days_of_a_few_persons(both: Both) -> None:
    both.land([basic(one, HOME, name("Aada")) for one in "ABC"], kind="baseline", cursor=START)
    assert both.publish()["persons"] == 3
    unknown = row("TUNTEMATON", "LISATTY", arvo=1)
    both.land([message("A", AT.format(5), MOVED, unknown)], cursor=START + 100)
    both.land([message("B", AT.format(6), row("HENKILON_NIMI", "OUTO"))], cursor=START + 200)
    report = both.publish()
    assert (report["persons"], report["quarantined"]) == (2, 1)
    # A late day, and again what had come.
    both.land([message("C", AT.format(4), MOVED)], cursor=START + 50)
    both.publish()
    both.publish(rebuild=True)
    both.spark.query("update register.home_municipality set municipality_code = '999' returning 1")
    both.here.query("update register.home_municipality set municipality_code = '999' returning 1")
    both.publish(rebuild=True)


@pytest.mark.slow
def test_every_case(both: Both) -> None:
    cases = [landed for _, _, landed in renamed(CASES)]
    for pages in zip_longest(*cases):
        for bench in (both.here, both.spark):
            _land(bench, [page for page in pages if page is not None])
        both.publish()
    both.publish(rebuild=True)
