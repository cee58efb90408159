"""The schema `audit` is the same whether it was made at once or came there by migrations."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from vtj_pipeline.privacy import create_audit

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database

_ALL = """
select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    obj_description(c.oid)
from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid
where c.relnamespace = 'audit'::regnamespace and a.attnum > 0
union all
select p.proname::text, pg_get_functiondef(p.oid), p.proacl::text, null, obj_description(p.oid)
from pg_proc as p where p.pronamespace = 'audit'::regnamespace
union all
select t.tgname::text, pg_get_triggerdef(t.oid), null, null, null
from pg_trigger as t inner join pg_class as c on t.tgrelid = c.oid
where c.relnamespace = 'audit'::regnamespace and not t.tgisinternal
union all
select i.indexname::text, i.indexdef, null, null, null from pg_indexes as i
where i.schemaname = 'audit'
order by 1, 2
"""
# What the second and the third version brought.
_BACK = """
drop table audit.erasure;
drop table audit.read_access;
drop function audit.keep_reads;
drop function audit.require_a_record;
drop function audit.note_read;
update audit.schema_version set version = 1
"""


def everything(database: Database) -> list[tuple[Any, ...]]:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_ALL)
        return cursor.fetchall()


def test_an_earlier_version_becomes_what_is_made_today(database: Database) -> None:
    create_audit(database)
    today = everything(database)
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_BACK)
    assert len(everything(database)) < len(today)
    done = create_audit(database)
    assert (done.before, done.now) == (1, 3)
    assert everything(database) == today
