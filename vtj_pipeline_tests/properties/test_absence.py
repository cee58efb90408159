"""Invariant 6: absence is not deletion, unless the permit is known to cover what is absent."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import OTHER_GROUP
from vtj_pipeline_tests.builders import START, Row, basic, row
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import THEMES, Feed, groups_of, many_feeds
from vtj_pipeline_tests.properties.landings import plainly
from vtj_pipeline_tests.properties.rows import MASK, told
from vtj_pipeline_tests.properties.world import Batch, Sheet, World

LATER = date(2027, 3, 1)
Unit = tuple[str, str]
"""A person, and the rows among which one can take another's place."""


@dataclass(frozen=True)
class Line:
    """A row of the register."""

    table: str
    columns: Row

    @property
    def person(self) -> str:
        """Whose it is."""
        return str(self.columns["person_id"])

    @property
    def unit(self) -> str:
        """Which rows can take its place."""
        return unit_of(self.columns["source_group"])

    @property
    def is_open(self) -> bool:
        """Whether it stands and is in force on the later day."""
        ends = self.columns.get("valid_to")
        return (
            self.columns["recorded_to"] is None
            and (ends is None or ends > str(LATER))
            and self.columns["in_force"]
        )


def unit_of(group: str) -> str:
    """The rows among which those of a group stand: siblings and parts are one."""
    known = CATALOGUE.groups.get(group)
    if known is None:
        return "identity_code" if group == "subject" else group
    table = CATALOGUE.tables[known.table]
    return table.name if table.parts or known.rank is not None else known.family


def lines(world: World) -> list[Line]:
    """Every row of the folded tables."""
    parts = [
        f"select '{table.name}', (to_jsonb(t) || jsonb_build_object('in_force', {table.open_when}))"
        f"::text from register.{table.name} as t"
        for table in world.catalogue.tables.values()
    ]
    return [Line(name, json.loads(text)) for name, text in world.query(" union all ".join(parts))]


def by_unit(found: list[Line]) -> dict[Unit, set[str]]:
    """The rows of each person and unit, whole."""
    units: dict[Unit, set[str]] = defaultdict(set)
    for line in found:
        # Who is meant follows from who else is known, and not from what was told of this person.
        own = {name: told for name, told in line.columns.items() if name != "related_person_id"}
        units[line.person, line.unit].add(json.dumps(own, sort_keys=True))
    return units


@st.composite
def later_answer(draw: st.DrawFn, world: World, feed: Feed) -> dict[str, list[Row]]:
    """Basic data of some persons that the register knows: some rows of some groups.

    Not of those who have two active codes: one may have been given to somebody else since.
    """
    known = [
        code
        for (code,) in world.query(
            "select min(identity_code) from register.identity_code "
            "where recorded_to is null and is_active "
            "group by person_id having count(*) = 1 order by 1"
        )
    ]
    codes = draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else []
    groups = draw(st.lists(st.sampled_from(groups_of(feed.theme)), min_size=1, max_size=3))
    rows = st.lists(told(tuple(groups), None), min_size=1, max_size=3)
    hidden = [name for name in groups_of(feed.theme) if is_maskable_location(name)]
    found = {code: draw(rows) for code in codes}
    for told_rows in found.values():
        if hidden and draw(st.booleans()):
            told_rows.append(row(draw(st.sampled_from(hidden)), **{MASK: []}))
    return found


def is_maskable_location(name: str) -> bool:
    """Whether the source withholds a group under protection."""
    group = CATALOGUE.groups.get(name)
    return group is not None and group.is_location and bool(group.withheld_fields)


def published(world: World, data: st.DataObject, theme: tuple[str, ...], **more: Any) -> Feed:
    """Publish feeds in which everything can be read; the first of them."""
    feeds: list[Feed] = data.draw(many_feeds(theme, faults=False))
    world.reset(feeds[0].catalogue)
    world.land(*plainly(feeds))
    world.publish(**more)
    return feeds[0]


def land_answer(world: World, answer: dict[str, list[Row]], **more: Any) -> None:
    """Publish an answer of the later day, behind everything."""
    persons = tuple(basic(code, *rows) for code, rows in answer.items())
    world.land(Batch("baseline", (Sheet(START + 900_000, persons, LATER),)))
    world.publish(**more)


def groups_told(world: World, answer: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Per person_id, the rows of the answer."""
    found = dict(world.query("select identity_code, person_id::text from register.person"))
    return {found[code]: rows for code, rows in answer.items()}


def is_told(line_unit: str, rows: list[Row]) -> bool:
    """Whether rows speak of a unit."""
    return any(unit_of(row["tietoryhma"]) == line_unit for row in rows) or (
        # Rows that fit no table's rule are kept as they came.
        line_unit in {row["tietoryhma"] for row in rows}
    )


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(3)
def test_what_an_answer_leaves_out_stays_as_it_was(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    feed = published(world, data, theme)
    answer = data.draw(later_answer(world, feed))
    protected = set(world.query("select person_id from register.person where is_protected"))
    before, persons = lines(world), groups_told(world, answer)
    land_answer(world, answer)
    after = lines(world)
    units = by_unit(after)
    for (person, unit), rows in by_unit(before).items():
        if not is_told(unit, persons.get(person, [])):
            assert units[person, unit] == rows, unit
    parts = current_parts(after)
    for (person, group), columns in current_parts(before).items():
        if not is_told(group, persons.get(person, [])):
            assert parts.get((person, group)) == columns, group
    told_of_orders = {p for p, rows in persons.items() if is_told("protection_order", rows)}
    still = set(world.query("select person_id from register.person where is_protected"))
    assert {p for (p,) in protected - still} <= told_of_orders


def current_parts(rows: list[Line]) -> dict[tuple[str, str], Row]:
    """What stands of each group that is a part of a table's one row."""
    found = {}
    for line in rows:
        if CATALOGUE.tables[line.table].parts and line.columns["recorded_to"] is None:
            for group in CATALOGUE.groups_of(line.table):
                own = {name: line.columns[name] for name in group.columns}
                if any(value is not None for value in own.values()):
                    found[line.person, group.name] = own
    return found


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme[0])
@given(data=st.data())
@examples(3)
def test_what_a_permit_covers_and_an_answer_leaves_out_is_over(
    world: World, theme: tuple[str, ...], data: st.DataObject
) -> None:
    names = st.lists(st.sampled_from(groups_of(theme)), min_size=1, max_size=4)
    permit = {"test": tuple(data.draw(names))}
    feed = published(world, data, theme, granted=permit)
    answer = data.draw(later_answer(world, feed))
    before, persons = lines(world), groups_told(world, answer)
    land_answer(world, answer, granted=permit)
    after = lines(world)
    for person, rows in persons.items():
        stood = [line for line in before if line.person == person]
        stands = [line for line in after if line.person == person]
        for unit in {line.unit for line in stood}:
            if is_told(unit, rows):
                continue
            old, new = (by_unit([x for x in xs if x.unit == unit]) for xs in (stood, stands))
            masked = any(MASK in row for row in rows)
            if is_over(unit, permit["test"], rows):
                left = [x for x in stands if x.unit == unit and x.is_open]
                assert [line for line in left if _sweeps(line)] == [], unit
                assert closed(stood, unit) <= closed(stands, unit), unit
            elif not names_any(unit, permit["test"]) or (masked and _all_locations(unit)):
                assert new == old, unit


def names_any(unit: str, permit: tuple[str, ...]) -> bool:
    """Whether a permit covers any group of a unit."""
    return any(unit_of(name) == unit for name in permit)


def is_over(unit: str, permit: tuple[str, ...], rows: list[Row]) -> bool:
    """Whether the absence of a unit says that there is nothing to tell."""
    groups = [g for g in CATALOGUE.groups.values() if unit_of(g.name) == unit]
    withholds = any(MASK in row for row in rows)
    return bool(groups) and all(
        g.is_known and (g.name in permit or not g.sweeps) and not (withholds and g.is_location)
        for g in groups
    )


def _all_locations(unit: str) -> bool:
    groups = [g for g in CATALOGUE.groups.values() if unit_of(g.name) == unit]
    return bool(groups) and all(g.is_location for g in groups)


def _sweeps(line: Line) -> bool:
    known = CATALOGUE.groups.get(line.columns["source_group"])
    return known is not None and known.sweeps and line.table != OTHER_GROUP


def closed(found: list[Line], unit: str) -> set[str]:
    """The rows of a unit that stand and were over before the later day."""
    return {
        json.dumps(line.columns, sort_keys=True)
        for line in found
        if line.unit == unit
        and line.columns["recorded_to"] is None
        and (line.columns.get("valid_to") or "9") <= str(LATER - timedelta(days=1))
    }
