"""Invariant 5: every received row is in a table, in other_group, or in quarantine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from vtj_pipeline.catalogue import CATALOGUE, Tietoryhma
from vtj_pipeline.events import events_path
from vtj_pipeline.landing import LandedBatch, landed_batches, read_pages
from vtj_pipeline_tests.builders import START, Row, basic
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.fates import LOST, SIBLING, STANDS, WITHHELD, counted
from vtj_pipeline_tests.properties.feeds import (
    FIRST_DAY,
    THEMES,
    groups_of,
    many_feeds,
    part_of_catalogue,
)
from vtj_pipeline_tests.properties.landings import plainly, plans
from vtj_pipeline_tests.properties.projection import content, key_of, plain, projections
from vtj_pipeline_tests.properties.received import all_received, fates_of, places
from vtj_pipeline_tests.properties.rows import CODES, MASK, told
from vtj_pipeline_tests.properties.test_order import land_and_publish
from vtj_pipeline_tests.properties.world import Batch, Sheet, World
from vtj_pipeline_tests.register.feeds import QUICK, Feed
from vtj_pipeline_tests.register.feeds import START as START_DAY

Place = tuple[int, int, int]
"""Page, message and line, counted as the events count them."""
SANDBOX = replace(
    QUICK,
    persons=150,
    malformed=0.02,
    unknown_groups=0.05,
    unknown_fields=0.05,
    explicit_nulls=0.1,
    duplicates=0.1,
    rough_dates=0.2,
)


def _spelt(group: Tietoryhma, row: dict[str, Any]) -> dict[str, Any]:
    aliases = {alias: field.name for field in group.fields for alias in field.aliases}
    return {aliases.get(name, name): value for name, value in row.items()}


def events_of(world: World, batch: LandedBatch) -> dict[Place, tuple[str | None, str | None]]:
    """Payload and fault of each event of a batch, by place."""
    content = world.storage.read(events_path(batch, world.catalogue))
    columns = ["page", "message", "line", "payload", "fault"]
    read = pq.read_table(pa.BufferReader(content), columns=columns)
    found = [tuple(row[name] for name in columns) for row in read.to_pylist()]
    assert len({tuple(row[:3]) for row in found}) == len(found)
    return {
        (page, message, line): (payload, fault) for page, message, line, payload, fault in found
    }


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(3)
def test_every_received_row_is_an_event_with_all_that_it_said(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(theme))
    world.reset(feeds[0].catalogue)
    world.land(*plainly(feeds))
    world.extract()
    for batch in landed_batches(world.database):
        events = events_of(world, batch)
        for page, body in enumerate(read_pages(world.storage, batch)["body"].to_pylist()):
            for number, _, rows in places(json.loads(body)):
                if (page, number, 0) in events:
                    assert events.pop((page, number, 0))[1] is not None
                    continue
                assert rows is not None
                for line, row in enumerate(rows, start=1):
                    payload, fault = events.pop((page, number, line))
                    assert fault is not None or _says_the_same(row, json.loads(payload or ""))
        assert events == {}


def _says_the_same(row: dict[str, Any], payload: dict[str, Any]) -> bool:
    group = CATALOGUE.groups.get(row["tietoryhma"])
    told = {name: value for name, value in content(row).items() if name != MASK}
    return plain(_spelt(group, told) if group else told) == plain(payload)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(4)
def test_every_received_row_has_a_fate(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    feeds = data.draw(many_feeds(theme, calm=True))
    plan = data.draw(plans(feeds))
    world.reset(feeds[0].catalogue)
    land_and_publish(world, plan)
    received = list(all_received(world))
    fates = list(fates_of(world, received))
    assert len(fates) == len(received)
    found = counted(fates)
    assert not [name for name in found if name.startswith(LOST)], found


@st.composite
def truths(draw: st.DrawFn, groups: tuple[str, ...]) -> list[Row]:
    """All that there is to tell of a person: nothing twice, nothing withheld."""
    found: dict[Any, Row] = {}
    for one in draw(st.lists(told(groups, None), min_size=2, max_size=8)):
        if MASK not in one:
            keys = [key_of(one, columns) for columns in projections(one)]
            found.setdefault(tuple(keys), one)
    return list(found.values())


def product(truth: list[Row], groups: set[str], *, with_history: bool) -> list[Row]:
    """What a subscription is told of it: its groups, with rows that are over or without."""
    rows = [one for one in truth if one["tietoryhma"] in groups]
    return [one for one in rows if with_history or not _has_ended(one)]


def _has_ended(row: Row) -> bool:
    group = CATALOGUE.groups.get(row["tietoryhma"])
    return group is not None and group.end is not None and row.get(group.end) is not None


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(3)
def test_answers_of_one_day_to_several_subscriptions_all_stand(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    truth = data.draw(truths(groups_of(theme)))
    names = sorted({one["tietoryhma"] for one in truth})
    batches, permits = [], {}
    for subscription in ("first", "second", "third")[: data.draw(st.integers(2, 3))]:
        groups = {name for name in names if data.draw(st.booleans())}
        rows = product(truth, groups, with_history=data.draw(st.booleans()))
        # Where in its answer the person stands makes no difference.
        others = [basic(code) for code in data.draw(st.sampled_from([(), CODES[3:]]))]
        sheet = Sheet(START, (*others, basic(CODES[0], *rows)), FIRST_DAY)
        batches.append(Batch("baseline", (sheet,), subscription))
        if data.draw(st.booleans()):
            permits[subscription] = tuple(groups)
    world.reset(part_of_catalogue(theme))
    for batch in batches:
        world.land(batch)
        if data.draw(st.booleans()):
            world.publish(granted=permits)
    world.publish(granted=permits)
    found = counted(list(fates_of(world, list(all_received(world)))))
    assert set(found) <= {STANDS, SIBLING}, found


@pytest.mark.slow
@pytest.mark.parametrize("account", ["mutpT1", "mutpT1x"])
def test_every_row_of_the_sandbox_is_found_again(world: World, account: str) -> None:
    """Basic data stand whole; of the changes none is lost either."""
    feed = Feed.of(SANDBOX, account)
    world.reset()
    world.scope = {"test": tuple(sorted(feed.sandbox.world.area))}
    baseline = tuple(Sheet(c, entries(body), START_DAY) for c, body in feed.baseline())
    world.land(Batch("baseline", baseline))
    world.publish()
    found = counted(list(fates_of(world, list(all_received(world)))))
    assert set(found) <= {STANDS, SIBLING, WITHHELD}, found
    reading = feed.read(SANDBOX.days)
    world.land(Batch("change", tuple(Sheet(c, entries(body)) for c, body in reading.pages)))
    world.publish()
    received = list(all_received(world))
    found = counted(list(fates_of(world, received)))
    assert found.total() == len(received)
    assert not [name for name in found if name.startswith(LOST)], found


def entries(body: bytes) -> tuple[Any, ...]:
    """The messages or persons of an answer."""
    answer = json.loads(body)
    return tuple(answer.get("muutokset", answer.get("perustiedot")))
