"""Whoever tries to get round the rights: by functions, views, roles, settings, messages, plans."""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg2
import pytest

from vtj_pipeline.privacy.roles import apply_roles
from vtj_pipeline_tests.views.cast import HERE, SETTINGS, THERE, Town, execute

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.cast import Session

TODAY = SETTINGS[0]
OF_PERSONS = "select person_id::text from municipality.resident"
TELL_ALL = """
create function pg_temp.tell(value text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice '%', value;
    return true;
end
$$
"""


def persons(session: Session, query: str = OF_PERSONS) -> set[str]:
    return {row[0] for row in session.ask(query)}


def test_a_function_is_shown_no_row_that_its_reader_does_not_see(town: Town) -> None:
    """The cheapest of conditions, which PostgreSQL would like to hold first."""
    for name, views in {
        "here": ("municipality.resident", "wellbeing_area.resident", "municipality.mover"),
        "figures_here": ("analyst.resident", "analyst.mover"),
        "withheld_here": ("protected.resident_location",),
        "everywhere": ("municipality.resident", "wellbeing_area.deceased"),
    }.items():
        with town.session(name, **TODAY) as session:
            session.ask(TELL_ALL)
            for view in views:
                session.connection.notices.clear()
                seen = session.ask(f"select v::text from {view} as v")
                session.ask(f"select v::text from {view} as v where pg_temp.tell(v::text)")
                told = {n.removeprefix("NOTICE:").strip() for n in session.connection.notices}
                assert told == {row[0] for row in seen}, view


def test_a_figure_is_told_to_no_function_of_who_holds_no_role(town: Town) -> None:
    """A right to the view alone, as an administrator may have given it by hand, shows nothing."""
    login = town.login("nobody")
    schemas = "statistics, quality, municipality, register, ledger, audit"
    execute(
        town.database,
        f"grant connect on database {town.name} to {login};"
        f"grant usage on schema {schemas} to {login};"
        f"grant select on all tables in schema {schemas} to {login}",
    )
    try:
        with town.session("nobody", **TODAY) as session:
            session.ask(TELL_ALL)
            assert session.is_refused(OF_PERSONS), "the view's own function is the role's"
            for one in (
                *("statistics.population", "quality.event_delay", "ledger.schema_version"),
                *("register.address", "register.person", "register.publication"),
                *("audit.role_grant", "ledger.refresh_asked"),
            ):
                assert session.ask(f"select * from {one} as v where pg_temp.tell(v::text)") == []
            assert session.connection.notices == []
        # Another role is not this one.
        population = "select count(*) > 0 from statistics.population"
        execute(town.database, f"grant {login} to {town.login('operates')}")
        for name, sees in (("operates", False), ("figures_here", True)):
            with town.session(name, **TODAY) as session:
                assert session.ask(population) == [(sees,)]
    finally:
        execute(
            town.database,
            f"revoke {login} from {town.login('operates')};"
            f"revoke connect on database {town.name} from {login};"
            f"revoke usage on schema {schemas} from {login};"
            f"revoke select on all tables in schema {schemas} from {login}",
        )


def test_neither_views_nor_functions_of_others_show_their_rows(town: Town) -> None:
    """Those of another login, and of one who sees everything, run for who asks."""
    execute(
        town.database,
        "create schema shared; grant all on schema shared to public;",
    )
    try:
        with town.session("everywhere", **TODAY) as giver:
            giver.ask(
                f"create view shared.everybody as {OF_PERSONS};"
                f"create function shared.everybody() returns setof text language sql "
                f"security definer as $$ {OF_PERSONS} $$;"
                "grant select on shared.everybody to public"
            )
        with town.session("there", **TODAY) as session:
            own = persons(session)
            assert persons(session, "select person_id from shared.everybody") == own
            assert persons(session, "select * from shared.everybody()") == own
            joined = (
                "select r.person_id::text from shared.everybody as e left join "
                "municipality.resident as r on r.person_id::text = e.person_id"
            )
            assert persons(session, joined) == own
            inside = (
                "with recursive w as (select person_id::text from wellbeing_area.resident "
                "union select person_id::text from municipality.voter_age) select * from w"
            )
            assert persons(session, inside) == own
    finally:
        execute(town.database, "drop schema shared cascade")


def test_no_other_role_is_taken_on(town: Town) -> None:
    with town.session("here", **TODAY) as session:
        own = persons(session)
        for role in ("postgres", "vtj_owner", "vtj_protected", town.login("there")):
            assert session.is_refused(f"set role {role}")
            assert session.is_refused(f"set session authorization {role}")
        session.ask("set role vtj_caseworker")
        assert persons(session) == own, "a group sees what its login sees"
        assert session.is_refused("select * from protected.resident_location")
        session.ask("reset role")
        assert persons(session) == own


def test_who_is_the_owner_only_by_name_is_not(town: Town) -> None:
    """An owner that plays a reader is shown a reader's rows: none, as it holds no role."""
    with town.session(**TODAY) as session:
        assert persons(session)
        session.ask("grant vtj_caseworker to current_user")
        session.ask("set role vtj_caseworker")
        assert persons(session) == set()
        session.ask("reset role")
        session.ask("revoke vtj_caseworker from current_user")


def test_what_lies_behind_the_views_is_out_of_reach(town: Town) -> None:
    with town.session("everywhere", **TODAY) as session:
        for query in (
            "select * from timeline.municipality_resident",
            "select * from timeline.municipality_resident_seen()",
            "select * from timeline.protected_resident_location_seen()",
            "select * from timeline.analyst_resident_seen()",
            "select * from timeline.shown_period",
            "select * from timeline.person_period",
            "select * from timeline.pseudonym",
            "select * from register.address",
            "select * from ledger.refresh_asked",
            "select audit.seen('protected')",
            "table audit.role_grant",
            "insert into audit.role_grant (login, role, granted_by) values ('x', 'auditor', 'x')",
            "create or replace view municipality.resident as select 1",
        ):
            assert session.is_refused(query), query
        assert (
            session.ask("select * from pg_stats where schemaname in ('timeline', 'register')") == []
        )


def test_nobody_but_the_owner_writes_who_holds_what(town: Town) -> None:
    with town.session("audits") as session:
        assert session.ask("select count(*) from audit.role_grant")[0][0] >= 1
        for query in ("delete from audit.role_grant", "update audit.role_grant set ends_at = null"):
            assert session.is_refused(query)


@pytest.mark.parametrize("name", ["here", "withheld_here", "figures_here"])
def test_no_setting_shows_more(town: Town, name: str) -> None:
    """Least of all one that names municipalities: it asks for fewer of what is granted."""
    view, key = {
        "here": ("municipality.client_list", "person_id"),
        "withheld_here": ("protected.resident_location", "person_id"),
        "figures_here": ("analyst.resident", "pseudonym"),
    }[name]
    query = f"select {key}::text from {view}"
    with town.session(name) as session:
        for day in ("", "2026-06-15", "1900-01-01", "2016-01-01", "2200-01-01", "infinity"):
            session.ask("select set_config('vtj.valid_at', %s, false)", day)
            session.ask("select set_config('vtj.municipality', '', false)")
            with suppress(psycopg2.errors.DatetimeFieldOverflow):
                own = persons(session, query)
                for code, seen in {
                    HERE: own,
                    f"{HERE}, {THERE}": own,
                    THERE: set(),
                    "all": set(),
                    f"all,{THERE}": set(),
                    "' or true": set(),
                }.items():
                    session.ask("select set_config('vtj.municipality', %s, false)", code)
                    assert persons(session, query) == seen, (day, code)
    with town.session("everywhere", municipality=THERE, **TODAY) as session:
        codes = session.ask("select distinct municipality_code from municipality.resident")
        assert codes == [(THERE,)]


def test_no_search_path_changes_what_is_asked(town: Town) -> None:
    """A reader's own functions and operators, of PostgreSQL's names, come before PostgreSQL's."""
    execute(town.database, "create schema shared; grant all on schema shared to public")
    try:
        with town.session("here", **TODAY) as session:
            own = persons(session)
            for name, arguments, kind in (
                ("pg_has_role", "oid, text", "boolean"),
                ("bool_or", "boolean", "boolean"),
                ("cardinality", "text[]", "integer"),
                ("same", "text, text", "boolean"),
                ("same", "text, name", "boolean"),
            ):
                session.ask(
                    f"create function shared.{name}({arguments}) returns {kind} language plpgsql "
                    "as $$ begin raise exception 'asked by %', current_user; end $$"
                )
            for right in ("text", "name"):
                session.ask(
                    f"create operator shared.= (function = shared.same, leftarg = text, "
                    f"rightarg = {right})"
                )
            session.ask("create temp table role_grant (login text, role text)")
            session.ask("create temp table pg_roles (oid oid, rolname name)")
            session.ask("set search_path = pg_temp, shared, pg_catalog")
            assert persons(session) == own
    finally:
        execute(town.database, "drop schema shared cascade")


def test_messages_tell_of_no_other_row(town: Town) -> None:
    with town.session("here", **TODAY) as session:
        for condition in (
            "1 / (case when last_name in ('There', 'Hidden_here') then 0 else 1 end) = 1",
            f"1 / (case when municipality_code is distinct from '{HERE}' then 0 else 1 end) = 1",
        ):
            session.ask(f"select * from municipality.resident where {condition}")
        for query in (
            "select last_name::integer from municipality.resident",
            "set vtj.valid_at = 'x'; select * from municipality.resident",
            "set vtj.valid_at = ''; set vtj.recorded_at = 'y'; select * from municipality.resident",
        ):
            with pytest.raises(psycopg2.DataError) as refused:
                session.ask(query)
            told = str(refused.value) + str(refused.value.diag.message_detail)
            for word in ("There", "Hidden", "Unknown", "Markkatu"):
                assert word not in told, query


def plan(session: Session, person: str, code: str, *, options: str) -> str:
    lines = session.ask(
        f"explain ({options}) select * from municipality.resident "
        "where person_id = %s and municipality_code = %s and street_fi = 'Markkatu'",
        person,
        code,
    )
    return re.sub(r"[0-9a-f-]{36}|'\d{3}'", "?", "\n".join(line for (line,) in lines))


@pytest.mark.parametrize("options", ["costs", "analyze, timing off, summary off, buffers off"])
def test_a_plan_is_the_same_whether_somebody_lives_there_or_is_nobody(
    town: Town, options: str
) -> None:
    """Costs, and the rows that each step met, of persons whose place is not shown."""
    for name in ("here", "everywhere"):
        with town.session(name, **TODAY) as session:
            nobody = plan(session, str(uuid.uuid4()), HERE, options=options)
            hidden = [town.people[one] for one in ("hidden_here", "hidden_there", "unknown")]
            others = [town.people["there"]] if name == "here" else []
            for person in (*hidden, *others):
                for code in (HERE, THERE):
                    assert plan(session, person, code, options=options) == nobody


def test_a_role_that_ends_stops_in_the_middle_of_a_transaction(town: Town) -> None:
    """Nothing runs at the end: the clock is asked with every query."""
    town.make_login("until")
    town.give("until", "protected", "all")
    town.give("until", "caseworker", "all")
    query = "select count(*) from protected.resident_location"
    with town.session("until", **TODAY) as session:
        session.ask("begin")
        assert session.ask(query)[0][0] > 0
        session.ask("prepare kept as select count(*) from protected.resident_location")
        end = "update audit.role_grant set ends_at = clock_timestamp() where role = 'protected'"
        execute(town.database, f"{end} and login = '{town.login('until')}'")
        assert session.ask(query) == [(0,)]
        assert session.ask("execute kept") == [(0,)]
        assert persons(session), "the other role goes on"
        session.ask("commit")
    # What is left of it in PostgreSQL goes when roles are applied again.
    gone = [one.what for one in apply_roles(town.database)]
    assert gone == [f"{town.login('until')} loses vtj_protected"]


def test_nobody_is_given_the_withheld_places_without_end_or_reason(town: Town) -> None:
    """Not even by whoever writes the table by hand."""
    for values in ("'2030-01-01', null", "null, 'case 1'"):
        with pytest.raises(psycopg2.errors.CheckViolation):
            execute(
                town.database,
                "insert into audit.role_grant (login, role, municipalities, granted_by, ends_at, "
                f"reason) values ('x', 'protected', '{{all}}', 'x', {values})",
            )
