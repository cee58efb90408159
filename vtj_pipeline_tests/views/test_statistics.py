"""The statistics agree with a second computation, by pandas from the sandbox's truth.

Fourteen months of one life, landed day by day and published once, with corrections, notices up to a
month and a half late, deaths taken back, protection coming and going, a merger and a partial
transfer. Both bases are compared, of every month and every municipality of the area, as they were
and in a division after the merger. `witness.py` counts, without the views and the register.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd
import pytest

from vtj_pipeline.sandbox import UNCENSORED, SandboxOptions
from vtj_pipeline.sandbox.events import abroad, cancelled, corrections, family, protection
from vtj_pipeline_tests.conftest import new_database
from vtj_pipeline_tests.views.lived import Lived, lived, other_rates
from vtj_pipeline_tests.views.witness import Account, Witness

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
START, END = date(2023, 12, 1), date(2025, 2, 5)
MERGED, INTO, GIVEN_PART = "153", "405", "441"
OPTIONS = SandboxOptions(
    persons=400,
    seed=29,
    start=START,
    clock=START,
    activity=16.0,
    outsiders=0.4,
    protected_share=0.05,
    merger_day=date(2024, 7, 1),
    merger_from=MERGED,
    merger_into=INTO,
    transfer_day=date(2024, 10, 1),
    transfer_from=INTO,
    transfer_into=GIVEN_PART,
    transfer_persons=25,
)
RATES = {
    abroad.removal: 0.003,
    cancelled.cancelled_move: 0.008,
    corrections.correction: 0.05,
    family.death_undone: 0.002,
    protection.protection_off: 0.002,
    protection.protection_on: 0.002,
}
LATEST = 45
HAPPENS = (
    *("abroad.removal", "bulk.merger", "bulk.transfer", "cancelled.cancelled_move"),
    *("corrections.correction", "family.death_undone", "protection.protection_off"),
    "protection.protection_on",
)
ASKED_ON, ASKED_WITH = END - 5 * DAY, "2025-02-20"
FIGURES = {
    "birth": "births",
    "death": "deaths",
    "immigration": "immigration",
    "emigration": "emigration",
    "moved_in": "moved_in",
    "moved_out": "moved_out",
    "area_change": "area_change",
    "correction": "unexplained",
}
# These are told as the net of what goes both ways, the others as numbers.
NET = ("area_change", "correction")
BASES = ("corrected", "published")
# Which division is read → codes that count as others in it.
DIVISIONS = {"": {}, "2026": {MERGED: INTO}}
HIDDEN = "-"
"""Stands for the place of whoever is protected."""
every_reading = pytest.mark.parametrize(
    ("basis", "division"), [(basis, division) for basis in BASES for division in DIVISIONS]
)
_REDRAW = f"""
    update reference.municipalities
    set valid_to = '{OPTIONS.merger_day - DAY}', successor_code = '{INTO}'
    where municipality_code = '{MERGED}';
    insert into reference.area_transfers (from_code, to_code, transferred_on)
    values ('{INTO}', '{GIVEN_PART}', '{OPTIONS.transfer_day}')
"""


@dataclass(frozen=True)
class Year:
    """A life that is over, and who saw it."""

    life: Lived
    witness: Witness
    _accounts: dict[date | None, Account] = field(default_factory=dict)

    def account(self, until: date | None) -> Account:
        """What had been told before a day; all, if none is given."""
        if until not in self._accounts:
            self._accounts[until] = self.witness.account(until)
        return self._accounts[until]


@pytest.fixture(scope="module")
def year(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    database, home = new_database(servers["embedded"]), tmp_path_factory.mktemp("year")
    with (
        other_rates(RATES, latest=LATEST),
        lived(database, home, OPTIONS, UNCENSORED) as life,
    ):
        witness = Witness.beside(life.sandbox)
        life.begin()
        life.live(END)
        life.publish()
        life.build(_REDRAW)
        yield Year(life, witness)


def month_ends() -> list[date]:
    """The last day of each month of the life that is over."""
    return [end.date() for end in pd.date_range(START, ASKED_ON, freq="ME")]


def cut_off(month_end: date) -> date:
    """The day at whose beginning the figures of a month are published."""
    return month_end + 11 * DAY


def known(year: Year, basis: str, month_end: date, division: str) -> Account:
    """What a basis knows of a month."""
    until = cut_off(month_end) if basis == "published" else None
    return year.account(until).read(DIVISIONS[division])


def population(account: Account, day: date) -> pd.Series:
    """Residents on a day by place, sex and age."""
    residents = account.residents(day).fillna({"place": HIDDEN})
    return residents.groupby(["place", "sex", "age"]).size()


def changes(account: Account, month_end: date) -> pd.Series:
    """What happened in a month by place, sex and figure."""
    found = account.changes()
    in_month = (found["day"] >= month_end.replace(day=1)) & (found["day"] <= month_end)
    found = found[in_month].fillna({"place": HIDDEN})
    counted = found["sign"].where(found["part"].isin(NET), 1)
    return counted.groupby([found["place"], found["sex"], found["part"].map(FIGURES)]).sum()


def by_month(series: dict[date, pd.Series]) -> pd.Series:
    """Series of months as one, of what is not nothing."""
    whole = pd.concat(series)
    return whole[whole != 0].astype(int).sort_index()


def asked(year: Year, query: str, division: str, **settings: str) -> pd.DataFrame:
    """What the views answer in the end; missing places are hidden ones."""
    told = {"valid_at": str(ASKED_ON), "recorded_at": ASKED_WITH, "division": division}
    return year.life.query(query, {**told, **settings}).fillna(HIDDEN)


def assert_equal(found: pd.Series, expected: pd.Series) -> None:
    """Show what differs, by cell."""
    both = pd.concat([found.rename("found"), expected.rename("expected")], axis=1).fillna(0)
    unlike = both[both["found"] != both["expected"]]
    assert unlike.empty, f"{len(unlike)} of {len(both)} cells differ:\n{unlike.to_string()}"


@every_reading
def test_population_of_every_month(year: Year, basis: str, division: str) -> None:
    expected = by_month(
        {end: population(known(year, basis, end, division), end) for end in month_ends()}
    )
    answer = asked(
        year,
        "select month_end, municipality_code, sex, age, sum(population)::integer as n "
        f"from statistics.population where basis = '{basis}' group by 1, 2, 3, 4",
        division,
    )
    assert len(expected) > 3000
    assert_equal(answer.set_index(["month_end", "municipality_code", "sex", "age"])["n"], expected)


@every_reading
def test_components_of_change_of_every_month(year: Year, basis: str, division: str) -> None:
    expected = by_month(
        {end: changes(known(year, basis, end, division), end) for end in month_ends()}
    )
    names = list(FIGURES.values())
    answer = asked(
        year,
        "select *, (month_start + interval '1 month - 1 day')::date as month_end, "
        "correction - area_change - restatement as unexplained "
        f"from statistics.population_change where basis = '{basis}'",
        division,
    )
    found = answer.set_index(["month_end", "municipality_code", "sex"])[names].stack()
    assert_equal(found[found != 0], expected)
    total = expected.groupby(level=-1).apply(lambda figures: figures.abs().sum())
    assert set(total.index) == set(names), "something never happened"


@every_reading
def test_a_month_opens_with_what_the_one_before_closed_with(
    year: Year, basis: str, division: str
) -> None:
    keys = ["place", "sex"]
    before, opening, closing = month_ends()[0].replace(day=1) - DAY, {}, {}
    first = known(year, basis, month_ends()[0], division)
    opens = population(first, before).groupby(keys).sum()
    for end in month_ends():
        opening[end] = opens
        opens = population(known(year, basis, end, division), end).groupby(keys).sum()
        closing[end] = opens
    answer = asked(
        year,
        "select *, (month_start + interval '1 month - 1 day')::date as month_end "
        f"from statistics.population_change where basis = '{basis}'",
        division,
    )
    found = answer.set_index(["month_end", "municipality_code", "sex"])
    for name, expected in (("opening", opening), ("closing", closing)):
        assert_equal(found.loc[found[name] != 0, name], by_month(expected))


@pytest.mark.parametrize("division", DIVISIONS)
def test_what_became_known_late_is_restated(year: Year, division: str) -> None:
    published = {end: known(year, "published", end, division) for end in month_ends()}
    keys = ["place", "sex"]
    expected = {}
    for before, end in zip(month_ends(), month_ends()[1:], strict=False):
        now = population(published[end], before).groupby(keys).sum()
        then = population(published[before], before).groupby(keys).sum()
        expected[end] = now.sub(then, fill_value=0)
    answer = asked(
        year,
        "select *, (month_start + interval '1 month - 1 day')::date as month_end "
        "from statistics.population_change where basis = 'published'",
        division,
    )
    found = answer.set_index(["month_end", "municipality_code", "sex"])["restatement"]
    assert_equal(found[found != 0], by_month(expected))
    assert len(by_month(expected)) > 20, "nothing became known late"


def age_group(age: int) -> str:
    """Five years each, the oldest together."""
    first = age // 5 * 5
    return "100-" if age > 99 else f"{first:02}-{first + 4:02}"


@every_reading
def test_flows_of_migration(year: Year, basis: str, division: str) -> None:
    expected = {}
    for number in (2023, 2024, 2025):
        final = date(number + 1, 2, 1)
        if basis == "published" and number == 2025:
            continue
        account = year.account(final if basis == "published" else None)
        moves = account.read(DIVISIONS[division]).moves()
        days = [START <= day <= ASKED_ON and day.year == number for day in moves["day"]]
        moves = moves[days].fillna({"origin": HIDDEN})
        groups = moves["age"].map(age_group)
        expected[number] = moves.groupby(["origin", "target", groups]).size()
    answer = asked(
        year,
        "select year, from_municipality_code, to_municipality_code, age_group, moves::integer "
        f"from statistics.migration_flow where basis = '{basis}'",
        division,
    )
    keys = ["year", "from_municipality_code", "to_municipality_code", "age_group"]
    assert_equal(answer.set_index(keys)["moves"], pd.concat(expected))
    assert len(expected[2024]) > 100


@pytest.mark.parametrize("event", HAPPENS)
def test_such_things_happen(year: Year, event: str) -> None:
    told = year.life.sandbox.world.journal.told_of.values()
    assert sum(day[event] for day in told) > 0


def test_nobody_moved_where_a_merger_is_read_in_a_division_after_it(year: Year) -> None:
    query = (
        "select month_start, area_change from statistics.population_change where area_change <> 0"
    )
    then, now = (set(asked(year, query, division)["month_start"]) for division in DIVISIONS)
    assert then == {OPTIONS.merger_day, OPTIONS.transfer_day}
    assert now == {OPTIONS.transfer_day}


def test_a_year_that_is_not_over_on_the_day_asked_for_is_not_published(year: Year) -> None:
    found = asked(
        year,
        "select distinct year from statistics.migration_flow where basis = 'published'",
        "",
        valid_at="2024-06-30",
    )
    assert list(found["year"]) == [2023]
