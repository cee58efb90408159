"""Invariant 7: a crash at any instruction leaves a state from which the same command finishes."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing, suppress

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline.landing import landed_batches
from vtj_pipeline.landing.ledger import record_batch
from vtj_pipeline_tests.conftest import DATA_KEYS
from vtj_pipeline_tests.properties.crashes import Crash, FragileDatabase, FragileStorage, Steps
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, Feed, many_feeds
from vtj_pipeline_tests.properties.landings import plainly
from vtj_pipeline_tests.properties.world import Batch, Rows, World, differences


@st.composite
def two_rounds(draw: st.DrawFn) -> tuple[list[Feed], list[Batch], list[Batch]]:
    """Feeds, what is published before the crash, and what is landed then."""
    feeds = draw(many_feeds(draw(st.sampled_from(THEMES)), most=3))
    batches = plainly(feeds)
    first = draw(st.integers(0, len(batches) - 1))
    return feeds, batches[:first], batches[first:]


def fragile(world: World, steps: Steps) -> World:
    """The same world with parts that crash."""
    other = World(FragileDatabase(world.database.url, steps), world.home)
    other.storage = FragileStorage(world.home, DATA_KEYS, steps)
    other.catalogue = world.catalogue
    return other


def begun(world: World, feeds: list[Feed], before: list[Batch], landed: list[Batch]) -> Rows:
    """Publish the first round and land the second; what stands then."""
    world.reset(feeds[0].catalogue)
    world.land(*before)
    world.publish()
    world.land(*landed)
    return world.rows()


@pytest.mark.slow
@given(data=st.data())
@examples(6)
def test_a_publication_that_crashed_is_finished_by_the_next(
    world: World, data: st.DataObject
) -> None:
    feeds, before, landed = data.draw(two_rounds())
    begun(world, feeds, before, landed)
    steps = Steps()
    fragile(world, steps).publish()
    finished = world.rows()

    stood = begun(world, feeds, before, landed)
    for crash in data.draw(st.lists(st.integers(1, steps.taken), min_size=1, max_size=4)):
        # After a crash that came late, nothing is left that could crash.
        with suppress(Crash):
            fragile(world, Steps(crash)).publish()
        found = world.rows()
        # A reader sees all of a publication or none of it.
        assert not differences(stood, found) or not differences(finished, found)
        stood = found
    world.publish()
    assert differences(finished, world.rows()) == {}


@pytest.mark.slow
@given(data=st.data())
@examples(3)
def test_a_process_that_was_killed_is_followed_by_one_that_finishes(
    world: World, data: st.DataObject
) -> None:
    feeds, before, landed = data.draw(two_rounds())
    begun(world, feeds, before, landed)
    steps = Steps()
    fragile(world, steps).publish()
    finished = world.rows()

    begun(world, feeds, before, landed)
    crash = data.draw(st.integers(1, steps.taken))
    command = [sys.executable, "-m", "vtj_pipeline_tests.properties.victim"]
    arguments = [world.database.url, str(world.home), str(crash), *feeds[0].theme]
    ended = subprocess.run([*command, *arguments], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    world.publish()
    assert differences(finished, world.rows()) == {}


@pytest.mark.slow
@given(data=st.data())
@examples(4)
def test_a_landing_that_crashed_is_finished_by_the_next(world: World, data: st.DataObject) -> None:
    feeds, before, landed = data.draw(two_rounds())
    world.reset(feeds[0].catalogue)
    world.land(*before, *landed)
    world.publish()
    finished = world.rows()

    world.reset(feeds[0].catalogue)
    world.land(*before)
    for batch in landed:
        crash = data.draw(st.integers(1, 12))
        known = len(landed_batches(world.database))
        try:
            land_in_steps(fragile(world, Steps(crash)), batch)
        except Crash:
            # What came through before the crash is there as a whole, or not at all.
            assert len(landed_batches(world.database)) - known in (0, 1)
        world.land(batch)
    world.publish()
    assert differences(finished, world.rows()) == {}


def land_in_steps(world: World, batch: Batch) -> None:
    """Write the file, then record it, as landing does."""
    new, pages = world.written(batch)
    with closing(world.database.connect()) as connection:
        record_batch(connection, new, pages)


def test_a_file_that_the_ledger_does_not_name_is_not_there(world: World) -> None:
    feed = Feed(THEMES[0], ({"henkilotunnus": "x", "muutospv": "2026-10-01T08:00:00Z"},))
    world.reset(feed.catalogue)
    world.written(plainly([feed])[0])
    assert world.publish().nothing_to_do
    assert sum(rows.total() for rows in world.rows().values()) == 0
