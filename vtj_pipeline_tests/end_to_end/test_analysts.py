"""The analysts' page stays true, and the analysts' schema tells nobody's name, code or address.

The demo's synthetic persons are asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline_tests.end_to_end.homes import Home, demo

pytestmark = pytest.mark.slow
PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysts.md"
QUESTION = re.compile(r"^\*\*(\d+)\. .*?\*\*\n\n```sql\n(.*?)```", re.M | re.S)
QUESTIONS = dict(QUESTION.findall(PAGE.read_text("utf-8")))
ANALYST_COLUMNS = """
select table_name, column_name from information_schema.columns
where table_schema = 'analyst' and column_name <> 'municipality_name_fi' order by 1, 2
"""
# All that would tell who somebody is, as text. A name that is also a kind of move is no name.
TELLING = """
select identity_code from register.identity_code
union select last_name from register.name union select first_names from register.name
union select call_name from register.name union select name from register.name_history
union select street_fi from register.address union select street_sv from register.address
union select building_id from register.address
union select building_id from register.residence union select residence_id from register.residence
union select person_id::text from register.person
union select contact_value from register.contact
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    one, _ = demo()
    with one.served():
        yield one


def test_there_are_ten_questions() -> None:
    assert list(QUESTIONS) == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize("number", QUESTIONS)
def test_every_question_of_the_analysts_page_is_answered(home: Home, number: str) -> None:
    answered = home.run("sql", "--format", "json", "-c", QUESTIONS[number])
    rows = [json.loads(line) for line in answered.splitlines()]
    assert rows
    assert all(any(value is not None for value in row.values()) for row in rows)


def test_no_value_of_the_analysts_schema_tells_who_somebody_is(home: Home) -> None:
    telling = {value for (value,) in home.rows(TELLING) if value}
    assert len(telling) > 2_000
    columns = home.rows(ANALYST_COLUMNS)
    assert {table for table, _ in columns} >= {"resident", "mover", "newborn", "deceased"}
    for table, column in columns:
        found = _texts(home, f"select distinct {column}::text from analyst.{table}")
        assert not found & telling, f"analyst.{table}.{column}"


def test_no_date_of_the_analysts_schema_is_finer_than_a_month(home: Home) -> None:
    dates = home.rows(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'analyst' and data_type not in ('text', 'uuid', 'integer')"
    )
    assert dates
    for table, column in dates:
        query = f"select count(*) from analyst.{table} where extract(day from {column}) <> 1"
        assert home.rows(query) == [(0,)], f"analyst.{table}.{column}"


def test_a_pseudonym_leads_to_one_person_and_to_nothing_else(home: Home) -> None:
    ((residents, pseudonyms, foreign),) = home.rows(
        "select count(*), count(distinct r.pseudonym), "
        "count(*) filter (where p.person_id is null) from analyst.resident as r "
        "left join timeline.pseudonym as p on r.pseudonym = p.pseudonym"
    )
    assert residents == pseudonyms > 700
    assert foreign == 0


def test_protected_persons_have_no_place_for_analysts(home: Home) -> None:
    rows = home.rows(
        "select r.municipality_code, r.postal_code, r.household_pseudonym, r.resident_since_month "
        "from analyst.resident as r inner join timeline.pseudonym as y "
        "on r.pseudonym = y.pseudonym inner join register.person as p "
        "on y.person_id = p.person_id where p.is_protected"
    )
    assert rows
    assert all(row == (None,) * 4 for row in rows)


def _texts(home: Home, query: str) -> set[Any]:
    return {value for (value,) in home.rows(query) if value}
