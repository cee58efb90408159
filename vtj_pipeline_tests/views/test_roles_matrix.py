"""Every role asks every view and table: exactly the rows and columns that the matrix says.

What is expected is worked out from the owner's rows and the page's words, not from the statements
that give rights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.commands.roles_matrix import cell, relations
from vtj_pipeline.errors import DatabaseUnavailable
from vtj_pipeline.privacy.roles import GRANTABLE, ROLES, SCHEMAS
from vtj_pipeline_tests.views.cast import HELD, HERE, SETTINGS, THERE, Session, Town

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a row says of the municipality that it belongs to.
PLACES = ("municipality_code", "from_municipality_code", "to_municipality_code")
FEW = 30


def rows(session: Session, relation: str) -> tuple[list[str], list[str]]:
    """The columns of a view or table, and its rows as text, in no order."""
    with session.connection.cursor() as cursor:
        cursor.execute(f"select * from {relation}")
        return [c.name for c in cursor.description or ()], sorted(map(str, cursor.fetchall()))


def of_places(session: Session, relation: str, codes: Sequence[str]) -> list[str]:
    """The owner's rows that belong to some municipalities."""
    columns, _ = rows(session, f"{relation} where false")
    places = [place for place in PLACES if place in columns]
    assert places, f"{relation} does not tell whose rows are whose"
    told = " or ".join(f"{place} = any(%s)" for place in places)
    found = session.ask(f"select * from {relation} where {told}", *[list(codes)] * len(places))
    return sorted(map(str, found))


def expected(owner: Session, name: str, relation: Any) -> list[str] | None:
    """The rows that a login sees; None: it has no right to ask."""
    role, codes = HELD[name]
    words = cell(GRANTABLE[role], relation)
    whole = f"{relation.schema}.{relation.name}"
    if words == "–":
        return None
    if words == "own municipalities" and "all" not in codes:
        return of_places(owner, whole, codes)
    return rows(owner, whole)[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", HELD)
def test_a_login_reads_exactly_what_the_matrix_says(town: Town, name: str) -> None:
    seen = 0
    for settings in SETTINGS:
        with town.session(**settings) as owner, town.session(name, **settings) as session:
            for relation in relations():
                whole = f"{relation.schema}.{relation.name}"
                wanted = expected(owner, name, relation)
                if wanted is None:
                    assert session.is_refused(f"select * from {whole}"), whole
                    continue
                columns, found = rows(session, whole)
                assert (whole, found) == (whole, wanted)
                assert columns == rows(owner, f"{whole} where false")[0]
                seen += bool(found)
    assert seen, "nothing was seen, so nothing was shown"


def test_those_who_are_here_and_there_are_told_apart(town: Town) -> None:
    """The witness of the test above: by name, who is seen where."""
    query = "select last_name from municipality.resident"
    shown = {}
    for name in ("here", "there", "both", "everywhere"):
        with town.session(name, **SETTINGS[0]) as session:
            shown[name] = {row[0] for row in session.ask(query)}
    assert shown["here"] == {"Here", "Child_here", "Baby_here", f"homeless_{HERE}"}
    assert shown["both"] == shown["here"] | shown["there"]
    # Whoever is withheld belongs to no municipality, and is listed to those who see all.
    hidden = {"Hidden_here", "Hidden_there", "Unknown"}
    assert shown["everywhere"] == shown["both"] | hidden
    assert "Moved" in shown["there"]
    with town.session("here", **SETTINGS[0]) as session:
        moves = session.ask(
            "select from_municipality_code, to_municipality_code from municipality.mover"
        )
    assert moves == [(HERE, THERE)], "who leaves is seen by those who are left"


def test_the_withheld_places_are_seen_by_the_protected_role_alone(town: Town) -> None:
    query = "select last_name, municipality_code, street_fi from protected.resident_location"
    with town.session("withheld_here", **SETTINGS[0]) as session:
        assert session.ask(query) == [("Hidden_here", HERE, "Markkatu")]
        session.ask("select set_config('vtj.valid_at', '2014-12-31', false)")
        assert session.ask(query) == []
    with town.session("withheld_everywhere", **SETTINGS[0]) as session:
        assert {row[:2] for row in session.ask(query)} == {
            ("Hidden_here", HERE),
            ("Hidden_there", THERE),
            ("Unknown", None),
        }


def test_a_login_without_a_role_does_not_come_in(town: Town) -> None:
    with pytest.raises(DatabaseUnavailable), town.session("nobody"):
        pass


def test_the_matrix_has_every_view_and_table_that_there_is_and_no_other(town: Town) -> None:
    with town.session() as owner:
        found = owner.ask(
            "select n.nspname::text, c.relname::text, c.relkind = 'v' from pg_class as c "
            "inner join pg_namespace as n on c.relnamespace = n.oid "
            "where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v', 'm')",
            list(SCHEMAS),
        )
    listed = {(one.schema, one.name, one.is_view) for one in relations()}
    assert listed == set(found)
    assert len(listed) > FEW


def test_postgresql_gives_each_role_what_the_matrix_says(town: Town) -> None:
    rights = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
    with town.session() as owner:
        for relation in relations():
            whole = f"{relation.schema}.{relation.name}"
            for role in ROLES:
                (held,) = owner.ask(
                    "select array(select r from unnest(%s) as r where has_schema_privilege(%s, %s, "
                    "'usage') and has_table_privilege(%s, %s, r))",
                    list(rights),
                    role.group,
                    relation.schema,
                    role.group,
                    whole,
                )[0]
                wanted = {"–": 0, "all rows, writes": 4}.get(cell(role, relation), 1)
                assert held == list(rights[:wanted]), (role.group, whole)
