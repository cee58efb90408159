-- Persons in a subscription's scope, all or a sample. Runs in PostgreSQL.
-- Parameters: name, sample (null = all), seed, before (a Finnish day; null = any).
select m.person_id::text as person_id, p.identity_code
from register.scope_member as m
inner join register.person as p on m.person_id = p.person_id
where
    m.subscription = %(name)s
    and m.is_member
    and (
        %(before)s::date is null
        or (m.first_recorded at time zone 'Europe/Helsinki')::date < %(before)s::date
    )
order by md5(m.person_id::text || %(seed)s), m.person_id
limit %(sample)s
