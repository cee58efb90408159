"""The road of a bulk day, in small: it lands, folds, and stays within a bounded memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from vtj_pipeline_tests.benchmarks.bulk_day import bulk_day


@pytest.mark.slow
def test_a_bulk_day_lands_and_folds_in_bounded_memory() -> None:
    # A short path, since PostgreSQL's socket lives in it.
    with tempfile.TemporaryDirectory(prefix="vtj", dir="/tmp") as folder:
        parts = list(bulk_day(2_000, 20_000, Path(folder) / "h"))
    baseline, events, published, day, more_events, folded, again = (one.count for one in parts)
    assert baseline == published == 2_000
    assert day >= 20_000
    assert events > baseline and more_events > day
    assert 1_900 < folded <= baseline + 200
    assert again == 0
    assert max(one.peak_bytes for one in parts) < 1.5e9
