"""Every hand-written case, through PostgreSQL."""

from __future__ import annotations

import pytest

from vtj_pipeline_tests.builders import CODES, Bench
from vtj_pipeline_tests.register.all_cases import CASES
from vtj_pipeline_tests.register.cases import Case, Expected, in_order


def found(bench: Bench, expected: Expected) -> list[tuple[object, ...]]:
    """The rows that stand (or stood) of what is expected."""
    columns = ", ".join(f"t.{column}" for column in expected.columns)
    return bench.query(
        f"select {columns} from register.{expected.table} as t "
        "join register.identity_code as i using (person_id) "
        f"where i.identity_code = '{CODES[expected.person]}' and i.recorded_to is null "
        f"{'' if expected.ever else 'and t.recorded_to is null'}"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_leads_to_the_rows_that_it_must(bench: Bench, case: Case) -> None:
    for one in case.landed:
        bench.land(list(one.entries), cursor=one.cursor, kind=one.kind, extraction_date=one.day)
    bench.publish()
    for expected in case.expected:
        rows = in_order(found(bench, expected))
        assert rows == in_order(list(expected.rows)), expected.table
    assert bench.publish(rebuild=True).nothing_to_do


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
