-- The last day before the first month is counted too: its opening population.
with counted as (
    select
        m.month_end,
        m.counted_on,
        m.known_at,
        m.is_published
    from {{ ref('statistics_month') }} as m
    union all
    select
        m.month_start - 1 as month_end,
        m.month_start - 1 as counted_on,
        m.known_at,
        false as is_published
    from {{ ref('statistics_month') }} as m
    where m.month_start = (select min(f.month_start) from {{ ref('statistics_month') }} as f)
),

published as (
    select
        c.month_end,
        c.counted_on,
        c.known_at
    from counted as c
    where c.is_published
),

resident as (
    select
        'corrected' as basis,
        c.month_end,
        c.counted_on,
        {{ division('p.municipality_code') }} as municipality_code,
        p.sex,
        p.birth_date,
        p.language_group,
        p.citizenship_group
    from counted as c
    inner join {{ ref('shown_period') }} as p
        on p.valid_from <= c.counted_on and p.valid_to > c.counted_on
    where p.in_scope
    union all
    select
        'published' as basis,
        q.month_end,
        q.counted_on,
        {{ division('q.municipality_code') }} as municipality_code,
        q.sex,
        q.birth_date,
        q.language_group,
        q.citizenship_group
    from ({{ shown_periods('moment.known_at', moments='published') }}) as q
    where q.in_scope and q.valid_from <= q.counted_on and q.valid_to > q.counted_on
)

select
    r.basis,
    r.month_end,
    r.counted_on,
    r.municipality_code,
    r.sex,
    {{ age_on('r.birth_date', 'r.counted_on') }} as age,
    r.language_group,
    r.citizenship_group,
    count(*) as population
from resident as r
group by
    r.basis, r.month_end, r.counted_on, r.municipality_code, r.sex, age, r.language_group,
    r.citizenship_group
