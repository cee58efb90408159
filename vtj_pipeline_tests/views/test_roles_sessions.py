"""Whoever tries to learn from others' sessions, the server's files or its statistics.

What goes by rights, views, functions, plans and messages stands in `test_roles_bypass.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg2
import pytest

from vtj_pipeline_tests.views.cast import SETTINGS, Town, execute

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.cast import Session

TODAY = SETTINGS[0]
SECRET = "Hidden_here"
COUNT = "select count(*) from municipality.resident"


def texts(session: Session, query: str) -> str:
    return str(session.ask(query))


def fails(session: Session, *statements: str) -> bool:
    """Whether one of them is refused, for whatever reason: what is not there cannot be had."""
    try:
        for statement in statements:
            session.ask(statement)
    except psycopg2.Error:
        return True
    return False


def test_nothing_is_told_of_what_another_session_asks_sets_or_keeps(town: Town) -> None:
    with town.session("everywhere", **TODAY) as other, town.session("here", **TODAY) as session:
        other.ask("set application_name = 'plain'")
        other.ask(f"select set_config('vtj.municipality', '', false) /* {SECRET} */")
        other.ask(f"create temp table kept_for_me as select '{SECRET}'::text as t")
        other.ask(f"prepare kept_plan as select '{SECRET}'::text")
        other.ask("begin")
        other.ask(f"declare kept_rows cursor with hold for select '{SECRET}'::text as t")
        other.ask(f"select '{SECRET}'")
        for view in ("pg_stat_activity", "pg_stat_get_activity(null)", "pg_prepared_statements",
                     "pg_cursors", "pg_settings", "pg_file_settings", "pg_hba_file_rules",
                     "pg_locks", "pg_stat_ssl", "pg_stat_progress_copy", "pg_db_role_setting",
                     "pg_user_mappings", "pg_largeobject", "pg_authid", "pg_shadow"):  # fmt: skip
            if not fails(session, f"select * from {view}"):
                assert SECRET not in texts(session, f"select * from {view}"), view
        pid = other.ask("select pg_backend_pid()")[0][0]
        schema = other.ask("select pg_my_temp_schema()::regnamespace::text")[0][0]
        assert fails(session, f"table {schema}.kept_for_me")
        assert fails(session, "execute kept_plan")
        assert fails(session, "fetch all from kept_rows")
        for call in (f"pg_terminate_backend({pid})", f"pg_cancel_backend({pid})",
                     f"pg_log_backend_memory_contexts({pid})", "pg_promote()",
                     "pg_reload_conf()", "pg_rotate_logfile()"):  # fmt: skip
            assert fails(session, f"select {call}"), call
        other.ask("commit")
        assert session.ask("select current_setting('vtj.nothing', true)") == [(None,)]
        assert session.ask(
            "select name from pg_available_extensions where installed_version is not null "
            "and name in ('pg_stat_statements', 'dblink', 'postgres_fdw', 'file_fdw', 'adminpack')"
        ) == []  # fmt: skip


@pytest.mark.parametrize("name", ["here", "everywhere", "withheld_here", "figures_here"])
def test_no_reader_comes_to_files_programs_or_other_servers(town: Town, name: str) -> None:
    with town.session(name, **TODAY) as session:
        session.ask("create temp table t (a text)")
        for query in (
            "select pg_read_file('postgresql.conf')",
            "select pg_read_binary_file('PG_VERSION')",
            "select * from pg_ls_dir('.')",
            "select * from pg_stat_file('PG_VERSION')",
            "select lo_import('/etc/passwd')",
            "select lo_export(1, '/tmp/x')",
            "select lo_get(1)",
            "copy (select 1) to program 'id'",
            "copy (select 1) to '/tmp/x'",
            "copy pg_temp.t from '/etc/passwd'",
            "copy pg_temp.t from program 'id'",
            "create extension dblink",
            "create extension file_fdw",
            "create extension plpython3u",
            "create language plpython3u",
            "create server s foreign data wrapper postgres_fdw",
            "load 'x'",
            "create function pg_temp.f() returns int language c as '/x', 'y'",
            "create function pg_temp.f() returns int language internal as 'pg_backend_pid'",
            "alter system set log_statement = 'all'",
            "set session_preload_libraries = 'x'",
            "set log_statement = 'all'",
            "set row_security = off; select * from register.address",
            "set session_replication_role = replica",
            "select * from pg_create_logical_replication_slot('a', 'pgoutput')",
            "select pg_switch_wal()",
            "create publication p for all tables",
            "create subscription s connection 'host=x' publication p",
            "create event trigger e on ddl_command_start execute function x()",
            "create tablespace t location '/tmp'",
            "create database d",
            "create role r",
        ):
            assert fails(session, query), query


def test_no_reader_makes_anything_that_others_would_run(town: Town) -> None:
    with town.session("here", **TODAY) as session:
        for query in (
            "create function public.lower(text) returns text language sql as $$ select '' $$",
            "create table public.resident (a int)",
            "create view municipality.mine as select 1",
            "create schema mine",
            "create function timeline.x() returns int language sql as $$ select 1 $$",
            "create table municipality.t ()",
            "alter default privileges for role postgres grant select on tables to public",
            "grant select on municipality.resident to public",
            "grant vtj_caseworker to public",
            "alter role current_user superuser",
            "alter role current_user bypassrls",
            "alter view municipality.resident owner to current_user",
            "create rule r as on select to municipality.resident do instead select 1",
            "create trigger t before insert on register.address execute function x()",
            "create policy p on register.address using (true)",
            "alter table register.address disable row level security",
            "create statistics s on municipality_code, person_id from register.home_municipality",
            "analyze register.address",
            "lock table register.address",
            "comment on view municipality.resident is 'x'",
            "security label on view municipality.resident is 'x'",
            "reassign owned by postgres to current_user",
            "drop owned by vtj_owner",
        ):
            refused = fails(session, query)
            # Of what is not one's own PostgreSQL warns, and grants or looks through nothing.
            said = "".join(session.connection.notices)
            session.connection.notices.clear()
            assert refused or "WARNING" in said, query
        assert session.ask(COUNT)[0][0] > 0


def test_statistics_tell_of_no_table_that_a_reader_may_not_read(town: Town) -> None:
    """Least of all the commonest values of its columns, once the owner has analysed them."""
    execute(
        town.database,
        "create statistics register.of_homes on person_id, municipality_code "
        "from register.home_municipality; analyze register.home_municipality; "
        "analyze register.name",
    )
    try:
        for name in ("here", "everywhere", "figures_here", "operates"):
            with town.session(name, **TODAY) as session:
                for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
                    query = f"select * from {view} where schemaname in ('register', 'timeline')"
                    assert session.ask(query) == [], (name, view)
                for table in ("pg_statistic", "pg_statistic_ext_data"):
                    assert fails(session, f"select * from {table}"), (name, table)
    finally:
        execute(town.database, "drop statistics register.of_homes")
