{#- Each basis is counted for itself, so that several processes share the one without moments. -#}
with corrected_day as (
    select
        m.month_end,
        m.counted_on
    from {{ ref('statistics_month') }} as m
    union all
    -- The last day before the first month is counted too: its opening population.
    select
        f.month_start - 1 as month_end,
        f.month_start - 1 as counted_on
    from {{ ref('statistics_month') }} as f
    where f.is_first
),

published_day as (
    select
        'published' as basis,
        m.month_end,
        m.counted_on,
        m.known_at
    from {{ ref('statistics_month') }} as m
    where m.is_published
    union all
    select
        'restated' as basis,
        f.month_start - 1 as month_end,
        f.month_start - 1 as counted_on,
        f.known_at
    from {{ ref('statistics_month') }} as f
    where f.is_published
),

corrected as (
    select
        p.*,
        'corrected' as basis,
        c.month_end,
        c.counted_on
    from corrected_day as c
    inner join {{ ref('counted_period') }} as p
        on c.counted_on >= p.valid_from and c.counted_on < p.valid_to
    where p.in_scope
),

published as (
    select q.*
    from ({{ shown_periods('moment.known_at', moments='published_day') }}) as q
    where q.in_scope and q.valid_from <= q.counted_on and q.valid_to > q.counted_on
)

{{ count_residents('corrected') }}
union all
{{ count_residents('published') }}
