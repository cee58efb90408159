{#- Deaths, moves out and emigration are counted as such; what is signed by its way is the net of it. -#}
with published as (
    select
        m.month_start,
        m.counted_on,
        m.known_at
    from {{ ref('statistics_month') }} as m
    where m.is_published
),

published_period as (
    select q.*
    from ({{ shown_periods('moment.known_at', moments='published') }}) as q
    where
        (q.valid_from >= q.month_start and q.valid_from <= q.counted_on)
        or (q.valid_to >= q.month_start and q.valid_to <= q.counted_on)
),

change as (
    select
        'corrected' as basis,
        m.month_start,
        c.municipality_code,
        c.sex,
        c.part,
        c.sign
    from {{ ref('statistics_month') }} as m
    inner join (
        {{ population_changes(ref('shown_period'), []) }}
    ) as c on c.changed_on >= m.month_start and c.changed_on <= m.counted_on
    union all
    select
        'published' as basis,
        c.month_start,
        c.municipality_code,
        c.sex,
        c.part,
        c.sign
    from ({{ population_changes('published_period', ['month_start', 'counted_on']) }}) as c
    where c.changed_on >= c.month_start and c.changed_on <= c.counted_on
)

select
    c.basis,
    c.month_start,
    c.municipality_code,
    c.sex,
    {% for name, condition, sign in change_parts() %}
        coalesce(sum(c.sign) filter (where c.{{ condition }}), 0) * {{ sign }} as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from change as c
group by c.basis, c.month_start, c.municipality_code, c.sex
