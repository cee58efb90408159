-- Whose each quarantined row is, as the codes are linked now. Runs in PostgreSQL; returns the number
-- of rows changed.
with changed as (
    update register.quarantine as q
    set person_id = coalesce(a.person_id, k.subject_id)
    from register.quarantine as k
    left join register.person_alias as a on k.subject_id = a.alias_id
    where
        q.quarantine_id = k.quarantine_id
        and q.person_id is distinct from coalesce(a.person_id, k.subject_id)
    returning 1
)
select count(*) from changed
