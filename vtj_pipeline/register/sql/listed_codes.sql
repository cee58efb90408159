-- Every code of the persons whom a code list names now. Runs in PostgreSQL. Parameter: subscription.
with listed as (
    select distinct coalesce(a.person_id, l.code_id) as person_id
    from ledger.code_list_member as l
    left join register.person_alias as a on l.code_id = a.alias_id
    where l.subscription = %(subscription)s and l.removed_version is null
)
select distinct i.identity_code
from listed as l
inner join register.identity_code as i on l.person_id = i.person_id and i.recorded_to is null
where not exists (
    select 1 from register.identity_code as o
    where o.identity_code = i.identity_code and o.person_id <> i.person_id
)
order by i.identity_code
