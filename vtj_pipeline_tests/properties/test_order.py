"""Invariants 1 and 2: order does not matter, and again is nothing."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, many_feeds
from vtj_pipeline_tests.properties.landings import Plan, plainly, plans
from vtj_pipeline_tests.properties.world import World, differences

pytestmark = pytest.mark.long


def land_and_publish(world: World, plan: Plan) -> None:
    """Follow a plan, and publish what is left at its end."""
    for step in plan:
        if step is None:
            world.publish()
        else:
            world.land(step)
    world.publish()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(5)
def test_order_borders_and_repetition_of_pages_make_no_difference(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(theme))
    plan = data.draw(plans(feeds))
    world.reset(feeds[0].catalogue)
    world.land(*plainly(feeds))
    world.publish()
    expected = world.rows()
    world.reset(feeds[0].catalogue)
    land_and_publish(world, plan)
    assert differences(expected, world.rows()) == {}

    stored = world.rows(places=True)
    assert world.publish().nothing_to_do
    assert world.publish(rebuild=True).nothing_to_do
    assert differences(stored, world.rows(places=True)) == {}
