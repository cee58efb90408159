"""Events that do not fit into memory are kept in files by group, and fold into the same rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vtj_pipeline.privacy import person_key
from vtj_pipeline_tests.benchmarks.days import land_day
from vtj_pipeline_tests.benchmarks.land import land_population
from vtj_pipeline_tests.benchmarks.population import Population
from vtj_pipeline_tests.builders import START, Bench, message, row

# Some 50,000 events, of which 40,000 fit; half of the persons are touched by the day.
POPULATION = Population(persons=1_900, batch=500, touched=950)
LITTLE = "60MB"


def little(bench: Bench) -> Bench:
    """The same with little memory."""
    return replace(bench, settings=bench.settings.model_copy(update={"fold_memory": LITTLE}))


@pytest.mark.slow
def test_what_does_not_fit_into_memory_is_folded_to_the_same_rows(bench: Bench) -> None:
    key = person_key(bench.settings)
    land_population(bench.database, bench.storage, key, POPULATION)
    # Groups that nobody knows, of names that no folder could have, and what is no group at all.
    odd = [row("A/../B=C", "LISATTY", x=1), row("", "LISATTY", x=1), row("share=", "LISATTY", x=2)]
    bench.land([message("A", "2026-10-15T08:00:00Z", *odd)], cursor=START)
    bench.land([message("B", "2026-10-15T08:00:00Z", {"muutosattribuutti": "LISATTY"})])
    assert not little(bench).publish().nothing_to_do
    assert bench.publish(rebuild=True).nothing_to_do
    land_day(bench.database, bench.storage, key, seed=1)
    assert not little(bench).publish().nothing_to_do
    assert bench.publish(rebuild=True).nothing_to_do
