"""Spark folds what DuckDB folds in one process, on the feeds of the property tests."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import KEY, new_database
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, many_feeds
from vtj_pipeline_tests.properties.landings import plans
from vtj_pipeline_tests.properties.test_order import groups_of, land_and_publish
from vtj_pipeline_tests.properties.world import World, differences


@pytest.fixture(scope="module")
def worlds(
    servers: dict[str, str], spark_master: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, World]:
    """A world that is folded here, and one by Spark."""
    made = []
    for engine in ("duckdb", "spark"):
        database = new_database(servers["embedded"])
        create_ledger(database)
        create_register(database)
        world = World(database, tmp_path_factory.mktemp(engine) / "home")
        world.settings = Settings(
            home=world.home, person_key=KEY, fold_engine=engine, spark_master=spark_master
        )
        made.append(world)
    return made[0], made[1]


@pytest.mark.slow
@given(data=st.data())
@examples(3)
def test_both_engines_fold_a_feed_to_the_same_rows(
    worlds: tuple[World, World], data: st.DataObject
) -> None:
    theme = data.draw(st.sampled_from([*THEMES, tuple(TABLES)]))
    feeds = data.draw(many_feeds(theme))
    plan = data.draw(plans(feeds))
    permit = data.draw(st.lists(st.sampled_from(groups_of(theme)), max_size=4))
    known = {"granted": {"test": tuple(permit)} if permit else None}
    for world in worlds:
        world.reset(feeds[0].catalogue)
        land_and_publish(world, plan, **known)
    here, spark = (world.rows() for world in worlds)
    assert differences(here, spark) == {}
    for world in worlds:
        assert world.publish(rebuild=True, **known).nothing_to_do
