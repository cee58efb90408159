-- All codes of every person that touched codes lead to, as published: a code that two persons were
-- given leads from one to the other, and on from there. Runs in PostgreSQL.
with recursive reached as (
    select i.person_id
    from touched_code as t
    inner join register.identity_code as i on t.code = i.identity_code
    union
    select other.person_id
    from reached as r
    inner join register.identity_code as own on r.person_id = own.person_id
    inner join register.identity_code as other on own.identity_code = other.identity_code
)

select distinct i.identity_code as code, i.person_id
from reached as r
inner join register.identity_code as i on r.person_id = i.person_id
