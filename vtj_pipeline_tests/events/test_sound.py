"""Rows that are sound at first sight are not checked, and checks would have found nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.events.reader import PageReader
from vtj_pipeline.events.structure import ODD_DATE
from vtj_pipeline_tests.attacks.fuzz.bodies import AT, LISTS, messages, spelt
from vtj_pipeline_tests.attacks.fuzz.reading import Reader
from vtj_pipeline_tests.benchmarks.population import Population, batches
from vtj_pipeline_tests.builders import basic, day, message, row

PERSON = {"henkilotunnus": "020290-998D", "syntymapv": day("1990-02-02")}
GUARDIAN: dict[str, Any] = {"huoltaja": PERSON, "oikeudet": [{"oikeus": "A", "sisalto": "b"}]}
NEARLY = (
    {"kielikoodi": "fi", "alkupv": "2001-01-01"},
    {"kielikoodi": "fi", "alkupv": ["2001-01-01"]},
    {"kielikoodi": "fi", "alkupv": day("2001-02-29")},
    {"kielikoodi": "fi", "alkupv": {}},
    {"kielikoodi": None, "uusi": "a"},
)
NEARLY_NESTED = (
    {**GUARDIAN, "huoltaja": {"uusi": "a"}},
    {**GUARDIAN, "huoltaja": "020290-998D"},
    {**GUARDIAN, "huoltaja": {**PERSON, "syntymapv": "1990"}, "huoltajanRooli": "{"},
    {**GUARDIAN, "huoltaja": {**PERSON, "syntymapv": day("1990-02-30")}},
    {**GUARDIAN, "huoltaja": {"henkilotunnus": "9" * 61}},
    {**GUARDIAN, "oikeudet": ["[{"]},
    {**GUARDIAN, "huoltajanRooli": 'a":b'},
    {**GUARDIAN, "oikeudet": [{"oikeus": "A", "uusi": 1}]},
    {**GUARDIAN, "oikeudet": [{"oikeus": '":', "uusi": None}]},
    {**GUARDIAN, "voimassaolevatTiedot": [{"turvakiellonAlaisetKentat": ["a"]}], "uusi": 1},
)
AGAIN = (b'"kielikoodi":null', b'"huoltaja":{"sukupuoli":"MIES"}', b'"tietoryhma":"X"')


class _Doubting(PageReader):
    """One that checks every row."""

    def _groups_of(self, rows: str) -> list[str]:
        return [] if rows == "line" else super()._groups_of(rows)


@pytest.fixture(params=["change", "base"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of answer."""
    return str(request.param)


def unsound(reader: Reader) -> int:
    """How many rows of the last answers were checked."""
    found = reader._engine.execute("select count(*) from formed where not is_sound").fetchone()
    assert found is not None
    return int(found[0])


def answer(kind: str, *told: Any) -> bytes:
    return spelt({LISTS[kind]: list(told), "ajanTasalla": True}).encode("utf-8", "surrogatepass")


def rows_of(kind: str, *told: dict[str, Any]) -> Any:
    """A message with these rows, of the kind of answer."""
    if kind == "base":
        return basic("A", *told)
    return message("A", AT, *({"muutosattribuutti": "LISATTY", **one} for one in told))


def both(kind: str, tmp_path: Path) -> tuple[Reader, Reader]:
    """A reader as it is, and one that checks every row."""
    first, second = (Reader(kind, tmp_path / f"{name}.parquet") for name in ("as_is", "doubting"))
    second._reader = _Doubting(second._engine, kind, CATALOGUE)
    return first, second


def test_checks_would_have_found_nothing(kind: str, tmp_path: Path) -> None:
    as_is, doubting = both(kind, tmp_path)
    some = st.lists(messages(kind), min_size=80, max_size=80)

    # Shrinking would take minutes: the answers are large.
    @settings(max_examples=2, phases=[Phase.generate], derandomize=True, deadline=None,
              database=None, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(some=some)
    def read(some: list[Any]) -> None:
        bodies = [answer(kind, one) for one in some]
        assert as_is.events(bodies) == doubting.events(bodies)

    read()


def test_what_is_nearly_sound_is_checked(kind: str, tmp_path: Path) -> None:
    told = [row("AIDINKIELI", **one) for one in NEARLY]
    told += [row("HUOLTAJA", **one) for one in NEARLY_NESTED]
    bodies = [answer(kind, rows_of(kind, one)) for one in told]
    for one in (row("AIDINKIELI", kielikoodi="fi"), row("HUOLTAJA", **GUARDIAN)):
        body, name = answer(kind, rows_of(kind, one)), b'"tietoryhma":'
        bodies += [body.replace(name, b"%b,%b" % (again, name)) for again in AGAIN]
    as_is, doubting = both(kind, tmp_path)
    assert as_is.events(bodies) == doubting.events(bodies)
    assert unsound(as_is) == len(bodies)


def test_rows_as_the_source_gives_them_are_not_checked(kind: str, tmp_path: Path) -> None:
    reader = Reader(kind, tmp_path / "events.parquet")
    (answers,) = batches(Population(500), tmp_path)
    told = json.loads(answers[0].body)["perustiedot"]
    leap = row("AIDINKIELI", kielikoodi="fi", alkupv=day("2024-02-29"))
    told.append(rows_of("base", row("HUOLTAJA", **GUARDIAN), leap))
    if kind == "change":
        in_force = [row("HUOLTAJA", **GUARDIAN)]
        ended = row("HUOLTAJA", "POISTETTU", **GUARDIAN, voimassaolevatTiedot=in_force)
        told = [*(rows_of(kind, *one["tietoryhmat"]) for one in told), rows_of(kind, ended)]
    reader.write([answer(kind, *told)])
    # It is not encrypted, and names persons.
    reader.target.unlink()
    assert unsound(reader) == 0


def test_every_day_of_no_calendar_is_odd() -> None:
    days = [(y, m, d) for y in (1, 999, *range(1895, 2105), 2400, 2999, 3000)
            for m in range(14) for d in range(33)]  # fmt: skip
    with duckdb.connect() as engine:
        found = engine.execute(
            "select t, regexp_matches('{\"arvo\":\"' || t || '\"}', ?) from unnest(?) as u (t)",
            [ODD_DATE, [f"{y:04}-{m:02}-{d:02}" for y, m, d in days]],
        ).fetchall()
    odd = dict(found)
    for y, m, d in days:
        assert odd[f"{y:04}-{m:02}-{d:02}"] == (not _is_day(y, m, d) or not 1000 <= y < 3000)


def _is_day(year: int, month: int, number: int) -> bool:
    try:
        date(year, month, number)
    except ValueError:
        return False
    return True
