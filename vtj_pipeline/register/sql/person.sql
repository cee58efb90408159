-- One row a person, from the folded tables. Runs in DuckDB.
with code as (
    select
        i.person_id,
        arg_max(i.identity_code, (i.is_active, i.recorded_from, i.identity_code)) as identity_code
    from folded_identity_code as i
    where i.recorded_to is null
    group by i.person_id
),
-- A person is one, even where every word about a code was taken back.
known as (
    select
        k.person_id,
        min(k.code) filter (k.is_root) as first_code
    from person_code as k
    group by k.person_id
),
seen as (
    select
        s.person_id,
        min(s.at) as first_recorded,
        max(s.at) as last_recorded,
        arg_max(s.held, s.step) as is_held
    from person_step as s
    group by s.person_id
)
select
    s.person_id,
    coalesce(c.identity_code, k.first_code) as identity_code,
    not (coalesce(d.is_dead, false) or coalesce(d.is_declared_dead, false)) as is_alive,
    -- What could not be read may have been an order of non-disclosure.
    coalesce(p.is_active, p.person_id is not null) or s.is_held as is_protected,
    s.first_recorded,
    s.last_recorded
from seen as s
inner join known as k on s.person_id = k.person_id
left join code as c on s.person_id = c.person_id
left join folded_death as d on s.person_id = d.person_id and d.recorded_to is null
left join folded_protection_order as p on s.person_id = p.person_id and p.recorded_to is null
