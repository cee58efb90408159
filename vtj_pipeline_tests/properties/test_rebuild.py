"""Invariants 2 and 3: landing again is nothing, and a rebuild from landing alone is equal."""

from __future__ import annotations

import shutil

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline.register import create_register
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, many_feeds
from vtj_pipeline_tests.properties.landings import plainly, plans
from vtj_pipeline_tests.properties.test_order import land_and_publish
from vtj_pipeline_tests.properties.world import World, differences

# One sibling, list, part, keyed and raw group each, and all that is folded for everybody.
SOME_OF_ALL = ("name_history", "citizenship", "migration", "address", "guardianship")


def forget_all_but_landing(world: World) -> None:
    """Drop the register and every events file."""
    world.run("drop schema register cascade")
    create_register(world.database)
    for folder in world.home.iterdir():
        if folder.name != "landing":
            shutil.rmtree(folder)


@pytest.mark.slow
@given(data=st.data())
@examples(6)
def test_a_register_made_anew_from_landing_is_the_same_to_the_byte(
    world: World, data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(data.draw(st.sampled_from([*THEMES, SOME_OF_ALL]))))
    world.reset(feeds[0].catalogue)
    land_and_publish(world, data.draw(plans(feeds)))
    expected = world.rows()
    forget_all_but_landing(world)
    world.publish()
    assert differences(expected, world.rows()) == {}


@pytest.mark.slow
@given(data=st.data())
@examples(2)
def test_a_register_of_every_table_made_anew_is_the_same_to_the_byte(
    world: World, data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(tuple(TABLES)))
    world.reset()
    land_and_publish(world, data.draw(plans(feeds)))
    expected = world.rows()
    forget_all_but_landing(world)
    world.publish()
    assert differences(expected, world.rows()) == {}


@pytest.mark.slow
@given(data=st.data())
@examples(6)
def test_what_is_landed_once_more_changes_no_row(world: World, data: st.DataObject) -> None:
    feeds = data.draw(many_feeds(data.draw(st.sampled_from([*THEMES, SOME_OF_ALL]))))
    world.reset(feeds[0].catalogue)
    world.land(*plainly(feeds))
    world.publish()
    stored = world.rows(places=True)
    world.land(*plainly(feeds))
    report = world.publish()
    # What cannot be read is kept by where it stands: once for each file that it came in.
    changed = {
        table: report.inserted[table] + report.ended[table] + report.removed[table]
        for table in report.inserted
        if table != "quarantine"
    }
    assert not any(changed.values()), changed
    assert differences(stored, world.rows(places=True)) == {}
