with change as (
    select
        e.person_id,
        e.recorded_to as recorded_at
    from {{ source('register', 'identity_code') }} as e
    where
        e.is_active
        and e.recorded_to <= {{ recorded_at() }}
        -- Another code was in force from then on.
        and exists (
            select 1
            from {{ source('register', 'identity_code') }} as n
            where
                n.person_id = e.person_id
                and n.is_active
                and n.identity_code <> e.identity_code
                and n.recorded_from <= e.recorded_to
                and (n.recorded_to is null or n.recorded_to > e.recorded_to)
        )
        -- The code itself was not.
        and not exists (
            select 1
            from {{ source('register', 'identity_code') }} as s
            where
                s.person_id = e.person_id
                and s.is_active
                and s.identity_code = e.identity_code
                and s.recorded_from = e.recorded_to
        )
)

select
    {{ month_of('c.recorded_at') }} as recorded_month,
    count(*) as changes,
    count(distinct c.person_id) as persons
from change as c
group by {{ month_of('c.recorded_at') }}
