"""Every hand-written case, through PostgreSQL: all at once, each about persons of its own.

Pages are landed in rounds, the first of each case, then the second, and published after each, so
that every case is also one of publishing again.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from typing import Any

import pytest

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database
from vtj_pipeline_tests.register.all_cases import CASES
from vtj_pipeline_tests.register.cases import Case, Expected, Landed, chosen, in_order, own, renamed

RENAMED = [(codes, case, landed) for codes, case, landed in renamed(CASES)]
Columns = dict[str, Any]


class Published:
    """The register after all cases: every row of every table, by person."""

    def __init__(self, bench: Bench) -> None:
        self.rows: dict[tuple[str, str], list[Columns]] = defaultdict(list)
        owners = "select identity_code, person_id::text from register.identity_code"
        self.person_of = dict(bench.query(f"{owners} where recorded_to is null order by is_active"))
        for table in {expected.table for case in CASES for expected in case.expected}:
            names = [name for (name,) in bench.query(_COLUMNS.format(table))]
            for values in bench.query(f"select {', '.join(names)} from register.{table}"):
                row = dict(zip(names, values, strict=True))
                self.rows[table, str(row["person_id"])].append(row)

    def of(self, expected: Expected, codes: dict[str, str]) -> list[tuple[Any, ...]]:
        """The rows of one person that stand, or stood, of what is expected."""
        person = self.person_of[codes[expected.person]]
        return chosen(self.rows[expected.table, person], expected)


_COLUMNS = (
    "select column_name from information_schema.columns "
    "where table_schema = 'register' and table_name = '{}'"
)


@pytest.fixture(scope="module")
def published(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Everything landed and published, round by round, and once more from the beginning."""
    database, home = new_database(servers["embedded"]), tmp_path_factory.mktemp("cases")
    create_ledger(database)
    create_register(database)
    bench = Bench(database, Storage(home, DATA_KEYS), Settings(home=home, person_key=KEY))
    for pages in zip_longest(*(landed for _, _, landed in RENAMED)):
        _land(bench, [page for page in pages if page is not None])
        bench.publish()
    assert bench.publish(rebuild=True).nothing_to_do
    return Published(bench)


def _land(bench: Bench, pages: list[Landed]) -> None:
    kinds: dict[tuple[str, Any], list[tuple[int, list[Columns]]]] = defaultdict(list)
    for page in pages:
        kinds[page.kind, page.day].append((page.cursor, list(page.entries)))
    for (kind, day), chosen_pages in kinds.items():
        bench.land_pages(chosen_pages, kind=kind, extraction_date=day)


@pytest.mark.parametrize(
    ("codes", "case"), [one[:2] for one in RENAMED], ids=[one[1].name for one in RENAMED]
)
def test_a_case_leads_to_the_rows_that_it_must(
    published: Published, codes: dict[str, str], case: Case
) -> None:
    for expected in case.expected:
        wanted = in_order([own(row, codes) for row in expected.rows])
        assert published.of(expected, codes) == wanted, expected.table


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
