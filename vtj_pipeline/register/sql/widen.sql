-- All codes of every person that touched codes lead to, as published: a code that two persons were
-- given leads from one to the other, and on from there. `is_alone`: the person has no other code, nobody
-- else has it, and nothing is asked about the person. Runs in PostgreSQL.
with recursive reached as (
    select i.person_id
    from touched_code as t
    inner join register.identity_code as i on t.code = i.identity_code
    union
    select other.person_id
    from reached as r
    inner join register.identity_code as own on r.person_id = own.person_id
    inner join register.identity_code as other on own.identity_code = other.identity_code
),

held as (
    select distinct i.identity_code as code, i.person_id
    from reached as r
    inner join register.identity_code as i on r.person_id = i.person_id
)

select
    h.code,
    h.person_id,
    count(*) over (partition by h.person_id) = 1
    and count(*) over (partition by h.code) = 1
    and not exists (
        select 1 from register.refresh_request as q where q.person_id = h.person_id
    ) as is_alone
from held as h
