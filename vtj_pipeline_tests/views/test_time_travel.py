"""What is asked of the past is what was answered then.

A life is landed day by day. At twelve moments the kept table follows by dbt's own incremental run,
the views' answers for some days are kept, and those for the day itself are compared with the
sandbox's truth. In the end the same days are asked again with
`vtj.recorded_at` of those moments: nothing that was learned since may show, but for the orders that
hide persons now.

Seen to fail, line by line: in `as_of.sql` without `recorded_from <=` or with `recorded_to >=`; in
`person_period.sql` for a death or an end of later knowledge (`life`, `moment`), for neighbours in
recorded time that tell different things and are merged (`recorded_step`), for persons whom the
incremental run misses (`touched`); in `shown_periods` without either condition on `known_at`; in
`guard_interval.sql` when orders that have ended are forgotten. What stands now guards in three ways
there, so that one alone can be taken away: `test_masking.py` holds each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from vtj_pipeline.sandbox import CENSORED, SandboxOptions
from vtj_pipeline.sandbox.events import abroad, cancelled, corrections, family, protection
from vtj_pipeline.sandbox.person_state import Person
from vtj_pipeline.sandbox.world import World
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.views import recount
from vtj_pipeline_tests.views.lived import Lived, lived, other_rates
from vtj_pipeline_tests.views.recount import Row, Shown, shown

pytestmark = pytest.mark.slow

START, STEP, CHECKPOINTS, DAYS_ASKED = date(2024, 1, 10), timedelta(days=10), 12, 4
OPTIONS = SandboxOptions(
    persons=250, seed=17, start=START, clock=START, activity=50.0, protected_share=0.06
)
RATES = {
    abroad.removal: 0.002,
    cancelled.cancelled_move: 0.01,
    corrections.correction: 0.03,
    family.death_undone: 0.003,
    protection.protection_off: 0.006,
    protection.protection_on: 0.006,
    protection.protection_removed: 0.001,
}
LATEST = 30
HELSINKI = ZoneInfo("Europe/Helsinki")
# What stands in the register now hides a person at every time.
_WITHHELD = (
    *("home_municipality", "other_municipality", "address", "residence", "contact"),
    "other_group",
)
_GUARDED = """
    select person_id from register.person where is_protected is not false
    union select person_id from register.protection_order
    where recorded_to is null and is_active is not false
""" + "".join(
    f"union select person_id from register.{table} where recorded_to is null and withheld "
    for table in _WITHHELD
)
_KEPT_COLUMNS = (
    "select string_agg(column_name, ', ' order by column_name) as names "
    "from information_schema.columns where table_schema = 'timeline' "
    "and table_name = 'person_period' and column_name <> 'publication_id'"
)


class Kept(NamedTuple):
    """What was answered for a day, and until when that was the newest knowledge.

    Attributes:
        truth: Code → what the sandbox says of a resident, None of one who is protected; where the
            day is the very one on which it was asked.
        elsewhere: Codes of protected persons who live elsewhere: of one who leaves the source tells
            a censored account no more than that the place is withheld.
    """

    recorded_at: str
    then: Shown
    truth: Mapping[str, Row | None] | None = None
    elsewhere: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Past:
    """A life that is over, what was answered meanwhile, and whom orders hide in the end."""

    life: Lived
    kept: tuple[Kept, ...]
    guarded: frozenset[str]
    table: Counter[tuple[Hashable, ...]]

    def masked(self, found: Iterable[Row]) -> list[Row]:
        """Rows as they may be shown in the end."""
        area = self.life.sandbox.world.area
        return [recount.masked(row, self.guarded, area) for row in found]


@pytest.fixture(scope="module")
def past(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    database, home = new_database(servers["embedded"]), tmp_path_factory.mktemp("past")
    with (
        other_rates(RATES, latest=LATEST),
        lived(database, home, OPTIONS, CENSORED) as life,
    ):
        life.begin()
        life.build()
        kept = tuple(one for number in range(CHECKPOINTS) for one in _kept(life, number))
        guarded = life.query(_GUARDED, {})["person_id"]
        yield Past(life, kept, frozenset(guarded), _table(life))


def _kept(life: Lived, number: int) -> Iterator[Kept]:
    """Live on to the next moment and keep what the views answer for some days around it."""
    day, rng = START + (number + 1) * STEP, Random(number)
    life.live(day)
    life.publish()
    life.dbt("run", "--select", "person_period")
    # Between the last change that is known, of the day before, and the first one of this day.
    moment = datetime.combine(day, time(3), HELSINKI).isoformat()
    world = life.sandbox.world
    elsewhere = {p.code for p in world.people if p.is_protected and not world.in_area(p)}
    yield Kept(moment, shown(life.database, day), dict(_residents(world)), frozenset(elsewhere))
    for _ in range(DAYS_ASKED):
        valid_at = START + timedelta(days=rng.randint(-40, (number + 1) * STEP.days + 20))
        yield Kept(moment, shown(life.database, valid_at))


def _residents(world: World) -> Iterator[tuple[str, Row | None]]:
    for person in world.people:
        if world.in_area(person):
            yield person.code, None if person.is_protected else _truth(person)


def _truth(person: Person) -> Row:
    """A resident as municipality.resident has them."""
    told = {
        "birth_date": person.born,
        "sex": person.sex,
        "last_name": person.last_name,
        "first_names": person.first_names,
        "call_name": person.call_name and person.call_name.name,
        "mother_tongue": person.language and person.language.code,
        "municipality_code": person.municipality,
        "resident_since": person.home and person.home.since,
    }
    if person.born_precision != "PAIVA":
        told["birth_date"] = person.born.replace(day=1)
    dwelling = person.address and person.address.dwelling
    return {
        **told,
        "street_fi": dwelling and dwelling.street.get("fi"),
        "street_sv": dwelling and dwelling.street.get("sv"),
        "house_number": dwelling and dwelling.house,
        "stairwell": dwelling and dwelling.stairwell,
        "apartment_number": dwelling and dwelling.number,
        "apartment_division": dwelling and dwelling.division,
        "postal_code": dwelling and dwelling.postal_code,
        "building_id": dwelling and dwelling.building,
    }


def _table(life: Lived) -> Counter[tuple[Hashable, ...]]:
    """Every row of the kept table, but for the publication that it was made in."""
    names = life.query(_KEPT_COLUMNS, {})["names"][0]
    found = life.query(f"select {names} from timeline.person_period", {})
    return Counter(found.itertuples(index=False, name=None))


def _without(persons: Collection[str], found: Iterable[Row]) -> list[Row]:
    return [row for row in found if row["person_id"] not in persons]


def _lines(found: Iterable[Row]) -> Counter[tuple[Hashable, ...]]:
    return Counter(tuple(sorted(row.items())) for row in found)


@pytest.fixture(scope="module")
def pairs(past: Past) -> list[tuple[Shown, Shown]]:
    """What was answered then, and what is answered of then in the end."""
    found = [
        (kept.then, shown(past.life.database, kept.then.valid_at, kept.recorded_at))
        for kept in past.kept
    ]
    assert len(found) >= 50
    return found


def test_what_was_shown_then_was_what_the_source_said(past: Past) -> None:
    for kept in past.kept:
        if kept.truth is None:
            continue
        residents = {row["identity_code"]: row for row in kept.then.residents}
        assert kept.truth.keys() <= residents.keys(), kept.recorded_at
        assert residents.keys() - kept.truth.keys() <= kept.elsewhere, kept.recorded_at
        for code, truth in kept.truth.items():
            row = residents[code]
            if row["person_id"] in kept.then.companions and row["location_withheld"]:
                assert not row["is_protected"]
                assert not [name for name in recount.PLACES if row.get(name) is not None]
                continue
            assert row["location_withheld"] is (truth is None)
            if truth is not None:
                told = dict(truth)
                if row["person_id"] in kept.then.companions and row["resident_since"] is None:
                    del told["resident_since"]
                unlike = [name for name, value in told.items() if row[name] != value]
                assert not unlike, f"{kept.recorded_at}: {unlike}"


@pytest.mark.parametrize("view", ["periods", "residents"])
def test_persons_are_shown_as_they_were_known_then(
    past: Past, pairs: list[tuple[Shown, Shown]], view: str
) -> None:
    """Those whom an order hides in the end are there too, and without a place."""
    hidden = 0
    # Periods are the same on whatever day they are asked for.
    once = [pair for kept, pair in zip(past.kept, pairs, strict=True) if kept.truth is not None]
    for then, now in once if view == "periods" else pairs:
        beside = then.companions | now.companions if view == "residents" else frozenset()
        expected = _lines(_without(beside, past.masked(getattr(then, view))))
        found = _lines(_without(beside, past.masked(getattr(now, view))))
        assert found == expected, f"{now.valid_at}: {_unlike(found, expected)}"
        for row in getattr(now, view):
            if row["person_id"] in past.guarded:
                hidden += 1
                assert row["location_withheld"]
                assert not [name for name in recount.PLACES if row.get(name) is not None]
    assert hidden > len(pairs)


def test_moves_are_shown_as_they_were_known_then(
    past: Past, pairs: list[tuple[Shown, Shown]]
) -> None:
    for then, now in pairs:
        beside = then.companions | now.companions
        expected = _without(beside | past.guarded, then.movers)
        assert _lines(_without(beside, now.movers)) == _lines(expected), now.valid_at
    assert sum(len(now.movers) for _, now in pairs) > len(pairs)


def test_the_population_is_counted_as_it_was_known_then(
    past: Past, pairs: list[tuple[Shown, Shown]]
) -> None:
    for then, now in pairs:
        assert now.months() == then.months()
        assert recount.population(then.periods, then.months()) == then.population
        periods = past.masked(then.periods)
        assert recount.population(periods, then.months()) == now.population, now.valid_at
        assert _without_place(now.population) == _without_place(then.population)


def test_its_change_is_counted_as_it_was_known_then(
    past: Past, pairs: list[tuple[Shown, Shown]]
) -> None:
    for then, now in pairs:
        assert recount.change(then.periods, then.months()) == then.change
        periods = past.masked(then.periods)
        assert recount.change(periods, then.months()) == now.change, now.valid_at


def test_something_was_hidden_shown_again_and_learned_late(past: Past) -> None:
    """The life holds what this is about."""
    shown_then = {r["person_id"] for k in past.kept for r in k.then.movers}
    hidden_then = {
        r["person_id"] for k in past.kept for r in k.then.residents if r["location_withheld"]
    }
    assert len(past.guarded & shown_then) > 5
    beside = set().union(*(k.then.companions for k in past.kept))
    assert 5 < len(beside) < len(past.life.sandbox.world.people) / 2
    assert len(hidden_then - past.guarded) > 5
    told = past.life.sandbox.world.journal.told_of.values()
    for event in ("family.death_undone", "cancelled.cancelled_move", "corrections.correction"):
        assert sum(day[event] for day in told) > 0


def test_whom_the_source_protects_in_the_end_has_no_place_at_any_time(
    past: Past, pairs: list[tuple[Shown, Shown]]
) -> None:
    """Asked of the sandbox's truth, so that a fault in what is taken for a guard shows."""
    world = past.life.sandbox.world
    codes = {p.code for p in world.people if p.is_protected and p.municipality in world.area}
    known = past.life.query("select person_id, identity_code from register.person", {})
    protected = set(known["person_id"][known["identity_code"].isin(codes)])
    assert len(protected) == len(codes) >= 5
    for _, now in pairs:
        assert protected.isdisjoint(row["person_id"] for row in now.movers)
        placed = {row["person_id"] for row in now.periods if not row["location_withheld"]}
        assert protected.isdisjoint(placed)


def test_the_table_that_followed_equals_one_made_anew(past: Past) -> None:
    """The last test of the life: what is made anew drops the views that read it."""
    past.life.dbt("run", "--full-refresh", "--select", "person_period")
    made_anew = _table(past.life)
    assert len(made_anew) > 1000
    assert past.table == made_anew, _unlike(past.table, made_anew)


def _unlike(found: Counter[tuple[Hashable, ...]], expected: Counter[tuple[Hashable, ...]]) -> str:
    few, many = list((found - expected).items())[:3], list((expected - found).items())[:3]
    return f"too many {few}, missing {many}"


def _without_place(cells: recount.Cells) -> recount.Cells:
    found: recount.Cells = Counter()
    for cell, many in cells.items():
        found[cell[1:]] += many
    return found
