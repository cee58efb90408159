{% set first_month = '(select min(f.month_start) from ' ~ ref('statistics_month') ~ ' as f)' %}
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

corrected_change as (
    {{ population_changes(ref('counted_period'), [], since=first_month) }}
),

published_change as (
    {{ population_changes('published_period', ['month_start', 'counted_on']) }}
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
    inner join corrected_change as c
        on m.month_start <= c.changed_on and m.counted_on >= c.changed_on
    union all
    select
        'published' as basis,
        c.month_start,
        c.municipality_code,
        c.sex,
        c.part,
        c.sign
    from published_change as c
    where c.changed_on >= c.month_start and c.changed_on <= c.counted_on
)

select
    c.basis,
    c.month_start,
    c.municipality_code,
    c.sex,
    -- Deaths, moves out and emigration count as such; what goes both ways is the net of it.
{% for name, part, sign in change_parts() %}
    coalesce(sum({{ sign }} * c.sign) filter (where c.part = '{{ part }}'), 0) as {{ name }}
    {{- ',' if not loop.last }}
{% endfor %}
from change as c
group by c.basis, c.month_start, c.municipality_code, c.sex
