-- Say of related persons who they are, once their code is known. Runs in PostgreSQL.
-- In: `candidate`. Jinja: `table`. Returns the number of rows changed.
with owner as (
    select distinct on (i.identity_code) i.identity_code, i.person_id
    from register.identity_code as i
    where
        i.recorded_to is null
        and i.identity_code in (select c.related_identity_code from candidate as c)
    order by i.identity_code, i.is_active desc nulls last, i.recorded_from desc, i.person_id
),
changed as (
    update register.{{ table }} as r
    set related_person_id = o.person_id
    from candidate as c
    left join owner as o on c.related_identity_code = o.identity_code
    where r.row_id = c.row_id and c.related_person_id is distinct from o.person_id
    returning 1
)
select count(*) from changed
