-- Write the differences of register.person. Runs in PostgreSQL; in: `staged`, `touched`.
with removed as (
    delete from register.person as r
    using touched as t
    where
        r.person_id = t.person_id::uuid
        and not exists (select 1 from staged as s where s.person_id::uuid = r.person_id)
    returning 1
),
written as (
    insert into register.person as r (
        person_id, identity_code, is_alive, is_protected, first_recorded, last_recorded
    )
    select
        s.person_id::uuid, s.identity_code, s.is_alive, s.is_protected,
        s.first_recorded, s.last_recorded
    from staged as s
    on conflict (person_id) do update set
        identity_code = excluded.identity_code,
        is_alive = excluded.is_alive,
        is_protected = excluded.is_protected,
        first_recorded = excluded.first_recorded,
        last_recorded = excluded.last_recorded
    where (
        r.identity_code, r.is_alive, r.is_protected, r.first_recorded, r.last_recorded
    ) is distinct from (
        excluded.identity_code, excluded.is_alive, excluded.is_protected,
        excluded.first_recorded, excluded.last_recorded
    )
    returning (xmax = 0) as is_new
)
select
    (select count(*) from removed) as removed,
    (select count(*) from written where not is_new) as ended,
    (select count(*) from written where is_new) as inserted
