with first as (
    select date_trunc('month', min(b.began_on))::date as first_month
    from {{ ref('scope_began') }} as b
    where (b.began_on::timestamp at time zone 'Europe/Helsinki') <= {{ recorded_at() }}
),

month as (
    select
        g.month_start::date as month_start,
        g.month_start::date = f.first_month as is_first,
        (g.month_start + interval '1 month - 1 day')::date as month_end
    from first as f
    cross join generate_series(
        f.first_month::timestamp, {{ valid_at() }}::timestamp, interval '1 month'
    ) as g (month_start)
)

select
    m.month_start,
    m.is_first,
    m.month_end,
    least(m.month_end, {{ valid_at() }}) as counted_on,
    {{ published_at('m.month_end') }} as known_at,
    (
        m.month_end <= {{ valid_at() }}
        and {{ is_published(published_at('m.month_end')) }}
    ) as is_published
from month as m
