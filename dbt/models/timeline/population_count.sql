with month as (
    select
        m.*,
        lag(m.month_end, 1, m.month_start - 1) over (order by m.month_start) as before_end
    from {{ ref('statistics_month') }} as m
),

-- The last day before the first month is counted too: its opening population.
corrected_day as (
    select
        m.month_end,
        m.counted_on
    from month as m
    union
    select
        m.before_end as month_end,
        m.before_end as counted_on
    from month as m
),

published_day as (
    select
        'published' as basis,
        m.month_end,
        m.counted_on,
        m.known_at
    from month as m
    where m.is_published
    union all
    select
        'restated' as basis,
        m.before_end as month_end,
        m.before_end as counted_on,
        m.known_at
    from month as m
    where m.is_published
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
    from corrected_day as c
    inner join {{ ref('shown_period') }} as p
        on c.counted_on >= p.valid_from and c.counted_on < p.valid_to
    where p.in_scope
    union all
    select
        q.basis,
        q.month_end,
        q.counted_on,
        {{ division('q.municipality_code') }} as municipality_code,
        q.sex,
        q.birth_date,
        q.language_group,
        q.citizenship_group
    from ({{ shown_periods('moment.known_at', moments='published_day') }}) as q
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
    r.basis, r.month_end, r.counted_on, r.municipality_code, r.sex,
    {{ age_on('r.birth_date', 'r.counted_on') }}, r.language_group, r.citizenship_group
