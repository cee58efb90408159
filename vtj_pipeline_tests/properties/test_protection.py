"""Invariant 8: at no point does a default view tell a protected person's place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.builders import START
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.properties.examples import examples
from vtj_pipeline_tests.properties.feeds import FIRST_DAY, part_of_catalogue
from vtj_pipeline_tests.properties.lives import TABLES, Entry, home, lives, must_be_hidden, renamed
from vtj_pipeline_tests.properties.rows import CODES
from vtj_pipeline_tests.properties.world import Batch, Sheet, World
from vtj_pipeline_tests.views.conftest import KEPT, BuiltViews, prepare, renew, run_dbt

# All other columns of a view about persons count as telling a place, new ones among them.
TELLS_NO_PLACE = {
    "person_id", "identity_code", "last_name", "first_names", "call_name", "birth_date", "age",
    "sex", "mother_tongue", "is_protected", "location_withheld", "language_group",
    "citizenship_group", "minority_kind", "age_at_death", "died_on", "school_start_year",
    "guardian_count", "guardians_withheld", "mother_withheld", "recorded_at",
    "recording_delay_days", "subscription",
}  # fmt: skip
VIEWS = """
select table_schema || '.' || table_name, array_agg(column_name::text)
from information_schema.columns
where table_schema in ('municipality', 'wellbeing_area', 'statistics', 'quality', 'analyst')
group by 1 having 'person_id' = any(array_agg(column_name::text))
"""


@dataclass(frozen=True)
class Viewed:
    """A world, and what makes the tables that its views read."""

    world: World
    database: Database
    kept: Mapping[str, str]

    def follow(self) -> None:
        """Let the views follow the register."""
        with closing(self.database.connect()) as connection, connection:
            renew(connection.cursor(), self.kept)


@pytest.fixture(scope="module")
def viewed(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Viewed:
    """A world with the views on its register."""
    database = new_database(servers["embedded"])
    prepare(database, tmp_path_factory.mktemp("keys"))
    target = tmp_path_factory.mktemp("dbt")
    built = run_dbt(database, target, "build", "--exclude-resource-type", "test", "unit_test")
    assert built.returncode == 0, built.stdout
    world = World(database, tmp_path_factory.mktemp("viewed") / "home")
    return Viewed(world, database, BuiltViews(database, target).kept(*KEPT))


def tell_places(world: World) -> dict[str, set[str]]:
    """Per view, the person_ids with anything that tells a place."""
    found = {}
    for view, columns in world.query(VIEWS):
        telling = ", ".join(f'"{name}"' for name in columns if name not in TELLS_NO_PLACE)
        rows = world.query(
            f"select distinct person_id::text from {view} where num_nonnulls({telling}) > 0"
        )
        found[view] = {person for (person,) in rows}
    return found


def landed_in_steps(data: st.DataObject, life: tuple[Entry, ...]) -> list[list[Entry]]:
    """A life in parts that are landed one after the other, some of them again."""
    order = data.draw(st.permutations(range(len(life))))
    cuts = data.draw(st.lists(st.integers(0, len(life)), max_size=4))
    again = data.draw(st.lists(st.sampled_from(range(len(life))), max_size=2))
    places = sorted({0, len(life), *cuts})
    steps = [list(order[a:b]) for a, b in pairwise(places)]
    return [[life[n] for n in step] for step in [*steps, again]]


def batches(entries: list[Entry]) -> list[Batch]:
    """Each entry as a page of its own."""
    kinds: dict[str, list[Sheet]] = defaultdict(list)
    for entry in entries:
        told: Any = (entry.told,)
        kind = "baseline" if entry.is_answer else "change"
        day = entry.day if entry.is_answer else None
        kinds[kind].append(Sheet(START + entry.place, told, day))
    return [Batch(kind, tuple(sheets)) for kind, sheets in kinds.items()]


@pytest.mark.slow
@given(data=st.data())
@examples(8)
def test_no_view_tells_the_place_of_who_must_be_hidden(viewed: Viewed, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(lives(), min_size=3, max_size=8))
    known = [renamed(life, number) for number, life in enumerate(drawn)]
    steps = [landed_in_steps(data, life) for life in known]
    landed: list[list[Entry]] = [[] for _ in known]
    world = viewed.world
    world.reset(part_of_catalogue(TABLES))
    viewed.follow()
    for number in range(max(len(parts) for parts in steps)):
        now = [parts[number] if number < len(parts) else [] for parts in steps]
        world.land(*batches([entry for part in now for entry in part]))
        world.publish()
        for entries, part in zip(landed, now, strict=True):
            entries.extend(part)
        hidden, protected = who_must_be_hidden(landed)
        # Between a publication and the views that follow it, too.
        assert_hidden(world, hidden, protected)
        viewed.follow()
        assert_hidden(world, hidden, protected)


@pytest.mark.slow
def test_who_need_not_be_hidden_is_shown(viewed: Viewed) -> None:
    life = Entry(0, FIRST_DAY, CODES[0], tuple(home(None, "091", FIRST_DAY)), is_answer=True)
    viewed.world.reset(part_of_catalogue(TABLES))
    viewed.world.land(*batches([life]))
    viewed.world.publish()
    viewed.follow()
    shown = tell_places(viewed.world)
    assert len(shown["municipality.resident"]) == len(shown["wellbeing_area.resident"]) == 1


def who_must_be_hidden(landed: list[list[Entry]]) -> tuple[set[str], set[str]]:
    """The codes of everybody, of all lives."""
    both = [must_be_hidden(entries) for entries in landed]
    return set().union(*(one for one, _ in both)), set().union(*(other for _, other in both))


def assert_hidden(world: World, hidden: set[str], protected: set[str]) -> None:
    """Nobody of these is told a place of, and the register says who is protected."""
    persons = world.query(
        "select identity_code, person_id::text, is_protected from register.person"
    )
    ours = {person for code, person, _ in persons if code in hidden}
    shown = {view: len(told & ours) for view, told in tell_places(world).items()}
    assert {view: number for view, number in shown.items() if number} == {}
    assert [flag for code, _, flag in persons if code in protected and not flag] == []
