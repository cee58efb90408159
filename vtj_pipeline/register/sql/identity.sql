-- Which codes are one person's (design §7.3, contract §4.5). Runs in DuckDB.
-- In: `event` (of every code that may be touched), `known_code` (person_id, identity_code as
-- published). Variables: person_key_inner, person_key_outer. Out: `link`, `lineage` with each
-- code as its own label; identity_step.sql is then repeated until nothing changes.
create or replace temp table link as
with correction as (
    select
        e.subject,
        nullif(e.payload ->> '$.muutettuHenkilotunnus', '') as changed,
        nullif(e.payload ->> '$.aktiivinenHenkilotunnus', '') as active
    from event as e
    where
        e.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and e.change_type in ('LISATTY', 'MUUTETTU', 'KORJATTU', 'LISATIETO', 'SNAPSHOT')
)
-- The list of earlier codes is not followed: it has been seen to name strangers (contract §4.5).
select distinct c.changed as older, c.active as newer
from correction as c
where c.changed <> c.active
union
select distinct c.subject, c.active
from correction as c
where c.subject <> c.active
union
select distinct c.changed, c.subject
from correction as c
where c.active is null and c.changed <> c.subject;

create or replace temp table lineage as
select e.subject as code, e.subject as label from event as e
union
select l.older, l.older from link as l
union
select l.newer, l.newer from link as l;
