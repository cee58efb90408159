-- All codes of every person that a touched code belongs to, as published. Runs in PostgreSQL.
select distinct other.identity_code as code, other.person_id::text as person_id
from touched_code as t
inner join register.identity_code as i on t.code = i.identity_code
inner join register.identity_code as other on i.person_id = other.person_id
