"""Events that do not fit into memory are kept in files by group, and fold into the same rows."""

from __future__ import annotations

import pytest

from vtj_pipeline.privacy import person_key
from vtj_pipeline.register import ordered_events
from vtj_pipeline_tests.benchmarks.days import land_day
from vtj_pipeline_tests.benchmarks.land import land_population
from vtj_pipeline_tests.benchmarks.population import Population
from vtj_pipeline_tests.builders import START, Bench, message, row

# Some 25,000 events; a fifth of the persons are touched by the day.
POPULATION = Population(persons=950, batch=250, touched=190)
# So that 1,000 of them fit into the usual 3 GB.
TOO_LARGE = 3_000_000


@pytest.mark.slow
def test_what_does_not_fit_into_memory_is_folded_to_the_same_rows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = person_key(bench.settings)
    land_population(bench.database, bench.storage, key, POPULATION)
    # Groups that nobody knows, of names that no folder could have, and what is no group at all.
    odd = [row("A/../B=C", "LISATTY", x=1), row("", "LISATTY", x=1), row("share=", "LISATTY", x=2)]
    bench.land([message("A", "2026-10-15T08:00:00Z", *odd)], cursor=START)
    bench.land([message("B", "2026-10-15T08:00:00Z", {"muutosattribuutti": "LISATTY"})])
    with monkeypatch.context() as few:
        few.setattr(ordered_events, "BYTES_AN_EVENT", TOO_LARGE)
        assert not bench.publish().nothing_to_do
    assert bench.publish(rebuild=True).nothing_to_do
    land_day(bench.database, bench.storage, key, seed=1)
    with monkeypatch.context() as few:
        few.setattr(ordered_events, "BYTES_AN_EVENT", TOO_LARGE)
        assert not bench.publish().nothing_to_do
    assert bench.publish(rebuild=True).nothing_to_do
