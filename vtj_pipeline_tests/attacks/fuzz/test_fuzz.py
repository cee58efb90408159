"""A short run of the fuzz in every run of the tests, and what the long one has found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vtj_pipeline_tests.attacks.fuzz.bodies import answers
from vtj_pipeline_tests.attacks.fuzz.reading import Reader


@pytest.mark.parametrize("kind", ["change", "base"])
def test_no_answer_does_more_harm_than_its_own(kind: str, tmp_path: Path) -> None:
    reader = Reader(kind, tmp_path / "events.parquet")

    @settings(max_examples=8, derandomize=True, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(some=st.lists(answers(kind), min_size=20, max_size=20))
    def read(some: list[tuple[bytes, bool]]) -> None:
        assert reader.wrong_in(some) == ""

    read()
