-- Which codes are ever told of together, so that they must be folded in one place. Runs in DuckDB. In:
-- the list of events files in the variable `events_files`, `touched_code` unless `everyone`. Out: `link`
-- and `linked` as identity.sql has them, but of every word on codes, whether it stands or not: whom
-- identity.sql takes for one person is never told apart by these.
create or replace temp table link as
with told as (
    select
        e.subject,
        nullif(e.payload ->> '$.muutettuHenkilotunnus', '') as changed,
        nullif(e.payload ->> '$.aktiivinenHenkilotunnus', '') as active
    from read_parquet(getvariable('events_files')) as e
    {% if not everyone %}
    semi join touched_code as t on e.subject = t.code
    {% endif %}
    where e.tietoryhma = 'HENKILOTUNNUS_KORJAUS' and e.fault is null and e.subject is not null
)
select t.subject as older, t.changed as newer, false as is_merge
from told as t
where t.subject <> t.changed
union
select t.subject, t.active, false
from told as t
where t.subject <> t.active;

create or replace temp table linked as
select l.older as node from link as l
union
select l.newer from link as l;
