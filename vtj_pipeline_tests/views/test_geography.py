"""Municipalities merge, and change areas: which code counts when, and which area that is in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import psycopg2
import pytest

from vtj_pipeline_tests.views.conftest import DBT, run_dbt

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import BuiltViews, Register

NEWEST = 2026
FRESHNESS = "the_division_of_this_year_is_known"
CODES = ("297", "476", "174", "588", "945", "946", "198", "200", "no such code", None)


def macro(call: str) -> str:
    """What a macro of geography.sql writes, without the seconds that asking dbt takes."""
    environment = jinja2.Environment(autoescape=False)
    environment.globals.update(ref="reference.{}".format, var={"division_year": NEWEST}.get)
    source = (DBT / "macros" / "geography.sql").read_text(encoding="utf-8")
    return environment.from_string(f"{source}{{{{ {call} }}}}").render().strip()


def division(register: Register, code: str, year: int) -> str | None:
    rows = register.ask(
        "select division_code from reference.municipality_division "
        "where municipality_code = %s and division_year = %s",
        code,
        year,
    )
    return rows[0]["division_code"] if rows else None


@pytest.mark.parametrize(
    ("code", "year", "counts_as"),
    [
        # Maaninka joined Kuopio on 1 January 2015, Juankoski two years later.
        ("476", 2014, "476"),
        ("476", 2015, "297"),
        ("174", 2015, "174"),
        ("174", 2017, "297"),
        ("174", NEWEST, "297"),
        # Ruotsinpyhtää has been part of Loviisa since 2010; Nilsiä of Kuopio since 2013.
        ("701", 2009, "701"),
        ("701", 2010, "434"),
        ("534", 2012, "534"),
        ("534", 2013, "297"),
        # Vöyri-Maksamaa became Vöyri, with another code, in 2011.
        ("945", 2010, "945"),
        ("945", 2011, "946"),
        # A municipality of today in divisions from before it was there.
        ("946", 2010, "946"),
        ("322", 2008, "322"),
        ("297", 2008, "297"),
        ("198", 2008, "198"),
        ("199", 2020, "199"),
        ("200", NEWEST, "200"),
    ],
)
def test_a_code_counts_under_the_one_that_stands_on_the_first_of_january(
    register: Register, code: str, year: int, counts_as: str
) -> None:
    assert division(register, code, year) == counts_as


def test_no_division_is_told_beyond_the_lists(register: Register) -> None:
    assert division(register, "297", NEWEST + 1) is None
    assert division(register, "297", 2007) is None


BY_VALUE = macro("division('c.municipality_code')")


@pytest.fixture
def codes(register: Register) -> Register:
    """A register beside a table, `code_of_day`, of `CODES`."""
    with register.connection.cursor() as cursor:
        cursor.execute("create temp table code_of_day (municipality_code text) on commit drop")
        cursor.execute("insert into code_of_day select unnest(%s::text[])", [list(CODES)])
    return register


def read_in(register: Register, year: str) -> None:
    register.ask("select set_config('vtj.division', %s, true)", year)


def shown(codes: Register) -> dict[str | None, str | None]:
    """Code → what a view shows."""
    rows = codes.ask(
        f"select c.municipality_code as code, {BY_VALUE} as shown from code_of_day as c"
    )
    return {row["code"]: row["shown"] for row in rows}


@pytest.mark.parametrize(
    ("year", "changed"),
    [
        ("", {}),
        ("2008", {}),
        ("2014", {"945": "946"}),
        ("2015", {"945": "946", "476": "297"}),
        ("2017", {"945": "946", "476": "297", "174": "297"}),
        ("2026", {"945": "946", "476": "297", "174": "297", "588": "507"}),
    ],
)
def test_codes_are_shown_in_the_division_asked_for(
    codes: Register, year: str, changed: dict[str, str]
) -> None:
    read_in(codes, year)
    assert shown(codes) == {code: changed.get(str(code), code) for code in CODES}


def test_codes_are_those_of_the_day_where_nothing_was_ever_asked(codes: Register) -> None:
    assert shown(codes) == {code: code for code in CODES}


@pytest.mark.parametrize("asked", [BY_VALUE, macro("division_year()")])
@pytest.mark.parametrize("year", ["2007", str(NEWEST + 1)])
def test_a_division_that_nobody_knows_is_refused(codes: Register, asked: str, year: str) -> None:
    read_in(codes, year)
    with pytest.raises(psycopg2.DataError, match=f"vtj.division is {year}, give 2008 to {NEWEST}"):
        codes.ask(f"select {asked} from code_of_day as c")


def areas(register: Register, code: str, day: str) -> list[tuple[str, str | None, str | None]]:
    rows = register.ask(
        """
        select region_code, wellbeing_area_code, collaborative_area_name_fi
        from reference.municipality_area
        where
            municipality_code = %s
            and valid_from <= %s::date
            and (valid_to is null or valid_to > %s::date)
        """,
        code,
        day,
        day,
    )
    return [tuple(row.values()) for row in rows]


EAST, NORTH = "Itä-Suomen yhteistyöalue", "Pohjois-Suomen yhteistyöalue"


@pytest.mark.parametrize(
    ("code", "day", "found"),
    [
        # Pertunmaa has been part of Mäntyharju since 2025: the area is the same, the code is not.
        ("588", "2024-12-31", [("10", "12", EAST)]),
        ("588", "2025-01-01", []),
        ("507", "2024-12-31", [("10", "12", EAST)]),
        ("507", "2025-01-01", [("10", "12", EAST)]),
        # Vaala changed its region in 2016; wellbeing areas begin in 2023.
        ("785", "2015-12-31", [("18", None, None)]),
        ("785", "2016-01-01", [("17", None, None)]),
        ("785", "2022-12-31", [("17", None, None)]),
        ("785", "2023-01-01", [("17", "19", NORTH)]),
        # Heinävesi changed its region in 2021.
        ("090", "2020-12-31", [("10", None, None)]),
        ("090", "2021-01-01", [("12", None, None)]),
        ("091", "2012-12-31", []),
        ("200", "2026-01-01", []),
    ],
)
def test_a_municipality_lies_in_the_areas_of_the_day(
    register: Register, code: str, day: str, found: list[Any]
) -> None:
    assert areas(register, code, day) == found


def test_the_periods_of_a_municipality_leave_no_gap_and_do_not_overlap(register: Register) -> None:
    wrong = register.ask(
        """
        select a.municipality_code
        from (
            select
                a.*,
                lead(a.valid_from) over (partition by a.municipality_code order by a.valid_from)
                    as next_from
            from reference.municipality_area as a
        ) as a
        where a.valid_to <= a.valid_from or a.next_from <> coalesce(a.valid_to, 'infinity')
        """
    )
    assert wrong == []


def test_a_part_of_oulu_went_to_ii(register: Register) -> None:
    assert register.ask(
        "select from_code, to_code, transferred_on from reference.area_transfers"
    ) == [{"from_code": "564", "to_code": "139", "transferred_on": "2018-01-01"}]


@pytest.mark.parametrize(("newest", "found"), [("2020", "WARN=1"), ("2999", "WARN=0")])
def test_lists_older_than_the_year_warn_and_stop_nothing(
    built_views: BuiltViews, tmp_path: Path, newest: str, found: str
) -> None:
    told = f"{{division_year: {newest}}}"
    done = run_dbt(built_views.database, tmp_path, "test", "--select", FRESHNESS, "--vars", told)
    assert done.returncode == 0, done.stdout
    assert found in done.stdout
