-- The codes that new events speak of, subjects and corrected codes alike. Runs in DuckDB.
-- In: `new_event`. Out: `touched_code`.
create or replace temp table touched_code as
select n.subject as code from new_event as n
union
select unnest([
    nullif(n.payload ->> '$.muutettuHenkilotunnus', ''),
    nullif(n.payload ->> '$.aktiivinenHenkilotunnus', '')
]) as code
from new_event as n
where n.fault is null and n.tietoryhma = 'HENKILOTUNNUS_KORJAUS';
delete from touched_code where code is null;
