"""Invariants 1 and 2: order does not matter, and again is nothing."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, groups_of, many_feeds
from vtj_pipeline_tests.properties.landings import Plan, plainly, plans
from vtj_pipeline_tests.properties.world import World, differences


def land_and_publish(world: World, plan: Plan, **more: Any) -> None:
    """Follow a plan, and publish what is left at its end; `more` goes to `publish`."""
    for step in plan:
        if step is None:
            world.publish(**more)
        else:
            world.land(step)
    world.publish(**more)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(4)
def test_order_borders_and_repetition_of_pages_make_no_difference(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(theme))
    plan = data.draw(plans(feeds))
    permit = data.draw(st.lists(st.sampled_from(groups_of(theme)), max_size=4))
    known = {"granted": {"test": tuple(permit)} if permit else None}
    world.reset(feeds[0].catalogue)
    world.land(*plainly(feeds))
    world.publish(**known)
    expected = world.rows()
    world.reset(feeds[0].catalogue)
    land_and_publish(world, plan, **known)
    assert differences(expected, world.rows()) == {}

    stored = world.rows(places=True)
    assert world.publish(**known).nothing_to_do
    assert world.publish(rebuild=True, **known).nothing_to_do
    assert differences(stored, world.rows(places=True)) == {}
