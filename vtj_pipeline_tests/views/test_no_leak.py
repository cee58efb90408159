"""Whatever views there are: none tells where a protected person lives (design §12.8).

The views are asked of the database, so that a new one is held to this without being named here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline_tests.views.conftest import BuiltViews, Register

# What no reader is given, and the code lists, which tell of nobody.
NOT_FOR_READERS = (
    "pg_catalog",
    "information_schema",
    "register",
    "ledger",
    "timeline",
    "reference",
    # The view of withheld places, whose role is given by name; and who holds which role.
    "protected",
    "audit",
)
# One row for each municipality of the scope, whoever lives there.
BY_MUNICIPALITY = ("statistics", "quality")
FEW = 18
MARKS = {
    "street_fi": "Markkatu",
    "street_sv": "Markgatan",
    "house_number": "77x",
    "stairwell": "QQ",
    "apartment_number": "78Q",
    "apartment_division": "zz",
    "postal_code": "987QX",
    "post_office_fi": "MARKKI",
    "post_office_sv": "MARKET",
    "building_id": "987654321M",
}
HOME, OTHER_HOME, PLAIN_HOME = "257", "235", "091"
HOME_MARKS = (HOME, "Kirkkonummi", "Kyrkslätt")
LAST_NAME = "Whoisprotected"
SETTINGS = (
    {"valid_at": "2026-06-15"},
    {"valid_at": "2026-06-15", "recorded_at": "2026-01-10 00:00+02"},
    {"valid_at": "2026-02-01"},
    {"valid_at": "2024-12-01", "recorded_at": "2026-06-01 00:00+03"},
    {"valid_at": "2031-01-01"},
)


def readable(register: Register) -> list[str]:
    rows = register.ask(
        "select table_schema || '.' || table_name as view from information_schema.tables "
        "where table_schema <> all (%s) order by 1",
        list(NOT_FOR_READERS),
    )
    return [row["view"] for row in rows]


def told(register: Register, view: str) -> list[str]:
    """The rows of a view as text, in no order."""
    return sorted(row["row"] for row in register.ask(f"select v::text as row from {view} as v"))


def shown(row: str, marks: Iterable[str]) -> list[str]:
    """The marks in a row; the number of a municipality not where it is part of a longer one."""
    return [m for m in marks if re.search(rf"(?<![\w-]){m}(?![\w-])" if m.isdigit() else m, row)]


def ask_as_of(register: Register, setting: dict[str, str]) -> None:
    register.as_of(valid_at=setting["valid_at"], recorded_at=setting.get("recorded_at", ""))


def settle(register: Register, person: str, code: str, address: dict[str, str], since: str) -> None:
    """Give the person a home, and every table of places a row."""
    register.live(person, "297", "1980-01-01", valid_to=since)
    register.live(person, code, since)
    register.dwell(person, since, municipality_code=code, **address)
    dwelling = {k: v for k, v in address.items() if not k.startswith(("street", "house", "post"))}
    for table, values in {
        "residence": {"residence_type": "permanent_dwelling", **dwelling},
        "other_municipality": {"municipality_code": code},
        "contact": {"email": f"{address['street_fi']}@example.invalid"},
    }.items():
        known = {c.name for c in CATALOGUE.tables[table].columns}
        register.add(table, person, **{k: v for k, v in values.items() if k in known})


def relate(register: Register, child: str, guardian: str) -> None:
    """Make the one the child of the other, as the register tells it on both sides."""
    for person, other, role, relation in (
        (child, guardian, "guardian", "parent"),
        (guardian, child, "dependant", "child"),
    ):
        register.add(
            "guardianship", person, role=role, related_person_id=other, guardian_role="AITI"
        )
        register.add(
            "parent_child", person, relation=relation, related_person_id=other, parent_role="AITI"
        )


def protect(register: Register, person: str, by: str) -> None:
    """`by` a standing order, the flag, or a place that the source withholds."""
    if by == "order":
        register.add(
            "protection_order", person, is_active=True, recorded_from="2026-03-01T00:00:00+00"
        )
    elif by == "flag":
        register.change("person", person, is_protected=True)
    else:
        register.add("residence", person, residence_type="permanent_dwelling", withheld=True)


@pytest.fixture
def town(register: Register) -> Register:
    """A scope in which one municipality is the home of nobody but whom a test puts there."""
    for code in (HOME, OTHER_HOME):
        register.insert("scope_municipality", {"subscription": "s", "municipality_code": code})
    return register


def person(register: Register, born: str, **more: Any) -> str:
    key = register.person(born=born, **more)
    register.change("name", key, last_name=LAST_NAME)
    register.insert(
        "scope_member",
        {
            "subscription": "codes",
            "person_id": key,
            "first_recorded": "2020-01-01",
            "last_recorded": "2020-01-01",
        },
    )
    return key


@pytest.mark.parametrize("by", ["order", "flag", "withheld"])
def test_no_view_shows_a_place_of_a_protected_person(town: Register, by: str) -> None:
    """Three generations and one who died: each is in the views that are about such people."""
    people = [person(town, born) for born in ("1950-05-05", "1990-05-05", "2019-05-05")]
    born_here, dead = person(town, "2026-01-20"), person(town, "1940-05-05")
    for key in (*people, dead):
        settle(town, key, HOME, MARKS, "2025-01-01")
    settle(town, born_here, HOME, MARKS, "2026-01-20")
    town.add("death", dead, is_dead=True, death_date="2026-02-20")
    for child, guardian in ((people[2], people[1]), (born_here, people[1])):
        relate(town, child, guardian)
    for key in people:
        town.dwell(key, "2026-04-01", **{**MARKS, "house_number": "78x"})

    marks = [*MARKS.values(), "78x"]
    seen = set()
    for view in readable(town):
        seen |= {m for row in told(town, view) for m in shown(row, (*marks, *HOME_MARKS))}
    assert seen == {*marks, *HOME_MARKS}, "the marks tell nothing where they are never shown"

    for key in (*people, born_here, dead):
        protect(town, key, by)
    for setting in SETTINGS:
        ask_as_of(town, setting)
        for view in readable(town):
            forbidden = [*marks, *(() if view.startswith(BY_MUNICIPALITY) else HOME_MARKS)]
            for row in told(town, view):
                assert shown(row, forbidden) == [], (view, setting)
        names = town.ask("select count(*) as n from municipality.client_list")
        assert names == [{"n": 5}], "the protected are listed, without a place"


@pytest.mark.parametrize("by", ["order", "flag", "withheld"])
def test_no_view_differs_by_where_a_protected_person_lives(town: Register, by: str) -> None:
    """Not even in whom it leaves out, or how many live in the building."""
    child, hidden, neighbour = (person(town, b) for b in ("2019-05-05", "1990-05-05", "1980-05-05"))
    plain = {**MARKS, "street_fi": "Tavallinen tie", "building_id": "1"}
    settle(town, child, PLAIN_HOME, plain, "2025-01-01")
    settle(town, neighbour, OTHER_HOME, {**plain, "building_id": "2"}, "2025-01-01")
    settle(town, hidden, HOME, MARKS, "2025-01-01")
    relate(town, child, hidden)
    protect(town, hidden, by)

    def everything() -> dict[str, list[str]]:
        found = {}
        for number, setting in enumerate(SETTINGS):
            ask_as_of(town, setting)
            found |= {f"{view} {number}": told(town, view) for view in readable(town)}
        return found

    elsewhere = everything()
    assert len(elsewhere) >= FEW * len(SETTINGS)
    # Beside the others: whoever lives with them is told of in test_companions.py.
    for code, building in ((PLAIN_HOME, "3"), (OTHER_HOME, "4")):
        town.ask(
            "update register.home_municipality set municipality_code = %s "
            "where person_id = %s and valid_to is null returning 1",
            code,
            hidden,
        )
        town.change("address", hidden, **{**plain, "building_id": building}, municipality_code=code)
        if by != "withheld":
            town.change("residence", hidden, building_id=building)
        assert everything() == elsewhere


@pytest.mark.parametrize("by", ["order", "flag", "withheld"])
@pytest.mark.parametrize("who", ["child", "guardian"])
def test_no_row_names_a_protected_person_beside_a_place_of_their_family(
    town: Register, who: str, by: str
) -> None:
    for born in ("2019-05-05", "2026-01-20"):
        family = {"child": person(town, born), "guardian": person(town, "1990-05-05")}
        for number, key in enumerate(family.values()):
            settle(town, key, HOME, {**MARKS, "building_id": str(number)}, max(born, "2025-01-01"))
            town.change("name", key, first_names=f"Only {key[:8]}")
        relate(town, family["child"], family["guardian"])
        hidden = family[who]
        protect(town, hidden, by)
        for setting in SETTINGS:
            ask_as_of(town, setting)
            for view in readable(town):
                for row in told(town, view):
                    if hidden in row or hidden[:8] in row:
                        assert shown(row, (*MARKS.values(), *HOME_MARKS)) == [], view
                        others = {*family.values()} - {hidden}
                        assert [o for o in others if o in row or o[:8] in row] == [], view


def test_every_view_of_places_of_persons_is_held_to_it_by_dbt_too(
    town: Register, built_views: BuiltViews
) -> None:
    """A view of wellbeing areas holds all columns of its twin, so one test asks both."""
    manifest = json.loads((built_views.target / "manifest.json").read_text("utf-8"))
    tested = {
        manifest["nodes"][test["attached_node"]]["relation_name"].replace('"', "").split(".", 1)[1]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and (test.get("test_metadata") or {}).get("name") == "no_protected_location"
    }
    placing = town.ask(
        """
        select c.table_schema as schema, c.table_name as name
        from information_schema.columns as c
        where c.table_schema <> all (%s) and c.table_schema <> all (%s)
        group by c.table_schema, c.table_name
        having bool_or(c.column_name = 'person_id') and bool_or(c.column_name ~ 'municipality')
        """,
        list(NOT_FOR_READERS),
        list(BY_MUNICIPALITY),
    )
    named = {(row["schema"], row["name"]) for row in placing}
    assert {
        f"{schema}.{name}"
        for schema, name in named
        if not {f"{schema}.{name}", f"wellbeing_area.{name}"} & tested
    } == set()
    assert len(named) >= FEW
