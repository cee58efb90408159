"""Each fold rule of the catalogue is held by some test: without it, one fails."""

from __future__ import annotations

import pytest

from vtj_pipeline_tests.mutation.__main__ import main


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_catalogue_that_is_wrong_in_one_place_is_found_out() -> None:
    assert main() == 0
