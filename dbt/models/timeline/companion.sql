with guarded as materialized (
    select g.person_id
    from {{ guarded(recorded_at(), none) }} as g
),

-- What is known now counts too: looking back never shows who lives with them by now.
moment as (
    select {{ recorded_at() }} as known_at
    union
    select {{ newest() }} as known_at
),

-- When somebody's dwelling was told last: where it is withheld since, they may be there yet.
told as (
    select
        m.known_at,
        p.person_id,
        max(p.recorded_from) as told_at
    from guarded as g
    inner join {{ ref('person_period') }} as p on g.person_id = p.person_id
    cross join moment as m
    where p.recorded_from <= m.known_at and p.dwelling_key is not null
    group by m.known_at, p.person_id
),

stay as (
    select distinct
        p.person_id,
        p.dwelling_key,
        p.valid_from,
        p.valid_to
    from told as t
    inner join {{ ref('person_period') }} as p on t.person_id = p.person_id
    where {{ known_then('p', 't.told_at') }} and {{ is_of_a_household('p') }}
),

-- Of whom nobody knows at which dwelling of the scope, or whether elsewhere, they live now.
homeless as (
    select
        m.known_at,
        g.person_id
    from guarded as g
    cross join moment as m
    inner join {{ source('register', 'person') }} as r on g.person_id = r.person_id
    where
        r.is_alive is not false
        and not exists (
            select 1
            from {{ ref('person_period') }} as p
            where
                p.person_id = g.person_id
                and {{ known_then('p', 'm.known_at') }}
                and p.valid_to > {{ today() }}
                and (
                    p.dwelling_key is not null
                    or (
                        p.municipality_code is not null
                        and not {{ in_scope('p.municipality_code') }}
                    )
                )
        )
),

tie as (
    {{ ties('guardianship', 'h.known_at') }}
    union all
    {{ ties('marriage', 'h.known_at', only='r.is_active is not false') }}
),

shared as (
    select
        q.person_id,
        q.dwelling_key,
        case
            -- Whoever lives with them now would tell it by having moved there before.
            when s.valid_to > {{ today() }} then {{ all_days() }}
            else daterange(s.valid_from, s.valid_to)
        end as withheld_days
    from stay as s
    inner join {{ ref('person_period') }} as q
        on
            s.dwelling_key = q.dwelling_key
            and s.valid_from < q.valid_to
            and s.valid_to > q.valid_from
    where
        q.person_id <> s.person_id
        and {{ known_then('q', recorded_at()) }}
        and {{ is_of_a_household('q') }}
    union all
    select
        q.person_id,
        q.dwelling_key,
        {{ all_days() }} as withheld_days
    from tie as t
    inner join {{ ref('person_period') }} as q on t.person_id = q.person_id
    where {{ known_then('q', recorded_at()) }} and q.valid_to > t.tied_from
)

select
    s.person_id,
    s.dwelling_key,
    range_agg(s.withheld_days) as withheld_days
from shared as s
where s.person_id not in (select g.person_id from guarded as g)
group by s.person_id, s.dwelling_key
