"""The statistics of population agree with the residents."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

ELSEWHERE = "837"


def fill(register: Register) -> None:
    for code, protected in (
        ("091", False),
        ("049", False),
        ("091", True),
        (ELSEWHERE, False),
    ):
        register.live(register.person(protected=protected), code)
    hidden = register.person()
    register.add("home_municipality", hidden, withheld=True)
    mover = register.person(born="2020-02-10")
    register.live(mover, "091", "2020-02-10", valid_to="2020-03-05")
    register.live(mover, ELSEWHERE, "2020-03-05")
    dead = register.person()
    register.live(dead)
    register.add("death", dead, is_dead=True, death_date="2020-02-15")


def test_the_sum_of_the_population_is_the_number_of_residents_at_every_month_end(
    register: Register,
) -> None:
    fill(register)
    register.as_of(valid_at="2020-04-10")
    months = register.ask(
        "select counted_on, sum(population)::int as n from statistics.population "
        "where basis = 'corrected' group by 1 order by 1"
    )
    assert [m["n"] for m in months] == [5, 5, 4, 4]
    for month in months:
        register.as_of(valid_at=str(month["counted_on"]))
        assert register.ask("select count(*) as n from municipality.resident") == [
            {"n": month["n"]}
        ]


def test_whoever_is_declared_dead_counts_until_the_date_that_the_court_set(
    register: Register,
) -> None:
    register.live(register.person())
    missing = register.person()
    register.live(missing)
    register.add("death", missing, is_declared_dead=True, declared_death_date="2020-02-15")
    register.as_of(valid_at="2020-02-29")
    assert [r["population"] for r in register.population()] == [2, 1]


def test_whoever_died_on_an_unknown_day_counts_until_the_death_was_recorded(
    register: Register,
) -> None:
    register.live(register.person())
    dead = register.person()
    register.live(dead)
    register.add("death", dead, is_dead=True, recorded_from="2020-02-09T22:00:00+00")
    register.as_of(valid_at="2020-03-31")
    assert sum(r["population"] for r in register.population()) == 2 + 1 + 1
    deaths = register.ask(
        "select month_start, deaths from statistics.population_change "
        "where basis = 'corrected' and deaths > 0"
    )
    assert deaths == [{"month_start": date(2020, 2, 1), "deaths": 1}]
    register.as_of(valid_at="2020-02-09")
    assert register.resident(dead) is not None
    register.as_of(valid_at="2020-02-10")
    assert register.resident(dead) is None


def test_the_known_day_of_death_counts_before_the_one_that_a_court_set(
    register: Register,
) -> None:
    register.live(register.person())
    dead = register.person()
    register.live(dead)
    register.add(
        "death",
        dead,
        is_dead=True,
        death_date="2020-02-15",
        is_declared_dead=True,
        declared_death_date="2019-02-15",
    )
    register.as_of(valid_at="2020-02-29")
    assert [r["population"] for r in register.population()] == [2, 1]


def test_months_run_from_the_first_record_to_the_running_one(
    register: Register,
) -> None:
    fill(register)
    register.as_of(valid_at="2020-03-10")
    found = register.ask(
        "select distinct month_end, counted_on from statistics.population order by 1"
    )
    assert [(row["month_end"], row["counted_on"]) for row in found] == [
        (date(2020, 1, 31), date(2020, 1, 31)),
        (date(2020, 2, 29), date(2020, 2, 29)),
        (date(2020, 3, 31), date(2020, 3, 10)),
    ]


def test_age_is_that_of_the_day_counted(register: Register) -> None:
    register.live(register.person(born="1990-02-10"))
    register.as_of(valid_at="2020-02-29")
    assert [(r["counted_on"].month, r["age"]) for r in register.population()] == [
        (1, 29),
        (2, 30),
    ]


def test_those_whose_place_is_withheld_count_without_one(register: Register) -> None:
    fill(register)
    register.as_of(valid_at="2020-01-31")
    by_code = register.ask(
        "select municipality_code as code, sum(population)::int as n "
        "from statistics.population where basis = 'corrected' "
        "group by 1 order by 1 nulls last"
    )
    assert [(r["code"], r["n"]) for r in by_code] == [("049", 1), ("091", 2), (None, 2)]


def test_a_late_notice_changes_an_earlier_month_only_in_later_knowledge(
    register: Register,
) -> None:
    register.live(register.person())
    late = register.person()
    register.live(late, "091", "2015-01-01", recorded_from="2020-02-20T00:00:00+00")
    register.as_of(valid_at="2020-01-31")
    assert sum(r["population"] for r in register.population()) == 2
    register.as_of(recorded_at="2020-02-01T00:00:00+00")
    assert sum(r["population"] for r in register.population()) == 1


def test_changes_begin_with_the_first_month_that_is_known_as_a_whole(register: Register) -> None:
    """Who had left before the basic data were given is not known, and who had come is."""
    began = "2020-01-10T10:00:00+00"
    register.live(register.person(), "091", "2020-01-05")
    mover = register.person()
    register.live(mover, ELSEWHERE, valid_to="2020-02-03")
    register.live(mover, "091", "2020-02-03")
    with register.connection.cursor() as cursor:
        cursor.execute("update register.scope_member set first_recorded = %s", (began,))
    register.as_of(valid_at="2020-03-10")
    assert [m["month_end"] for m in register.population()] == [
        date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31),
    ]  # fmt: skip
    changes = register.ask(
        "select month_start, opening::int, moved_in::int, closing::int "
        "from statistics.population_change where basis = 'corrected' order by 1"
    )
    assert [tuple(row.values()) for row in changes] == [
        (date(2020, 2, 1), 1, 1, 2),
        (date(2020, 3, 1), 2, 0, 2),
    ]
    flows = register.ask(
        "select year, moves::int, is_whole_year from statistics.migration_flow "
        "where basis = 'corrected'"
    )
    assert [tuple(row.values()) for row in flows] == [(2020, 1, False)]


def test_a_municipality_that_joins_later_begins_later(register: Register) -> None:
    for code in ("091", "297"):
        register.live(register.person(), code)
    register.insert("scope_municipality", {"subscription": "late", "municipality_code": "297"})
    register.insert(
        "scope_member",
        {
            "subscription": "late",
            "person_id": register.person(),
            "first_recorded": "2020-02-01T10:00:00+00",
            "last_recorded": "2020-02-01T10:00:00+00",
        },
    )
    register.as_of(valid_at="2020-02-20")
    changes = register.ask(
        "select municipality_code, month_start from statistics.population_change "
        "where basis = 'corrected' order by 1, 2"
    )
    assert [tuple(row.values()) for row in changes] == [
        ("091", date(2020, 1, 1)),
        ("091", date(2020, 2, 1)),
        ("297", date(2020, 2, 1)),
    ]
