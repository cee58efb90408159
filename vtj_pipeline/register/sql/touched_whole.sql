-- Of the touched persons those whose rows may change in every table. Runs in PostgreSQL; in: `touched`,
-- `touched_in`. Out: `touched_whole`.
create temporary table touched_whole as
select t.person_id
from touched as t
where not exists (select 1 from touched_in as i where i.person_id = t.person_id)
