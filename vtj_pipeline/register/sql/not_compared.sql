-- Touched persons of whom the source has told what has not landed. Runs in PostgreSQL; in: `touched`,
-- `staged` (person_id, as each code has it on its own). Out: `not_compared`.
create temp table not_compared as
select distinct t.person_id
from touched as t
inner join (
    select coalesce(a.person_id, s.person_id::uuid) as person_id
    from staged as s
    left join register.person_alias as a on s.person_id::uuid = a.alias_id
) as c on t.person_id = c.person_id
