-- The person_ids that a person may have been known by before codes were linked. Runs in DuckDB.
select distinct
    person_id_of(c.node) as alias_id,
    c.person_id
from person_code as c
where not c.is_root
