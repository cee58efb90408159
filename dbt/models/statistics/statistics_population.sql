with month_end as (
    select (g.month_start + interval '1 month - 1 day')::date as month_end
    from generate_series(
        (
            select date_trunc('month', min(p.first_recorded) at time zone 'Europe/Helsinki')
            from {{ source('register', 'person') }} as p
            where p.first_recorded <= {{ recorded_at() }}
        ),
        {{ valid_at() }}::timestamp,
        interval '1 month'
    ) as g (month_start)
),

days as (
    select
        m.month_end,
        least(m.month_end, {{ valid_at() }}) as on_day
    from month_end as m
),

resident as (
    {{ residents_on('days') }}
)

select
    r.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    d.month_end,
    d.on_day as counted_on,
    r.age,
    r.sex,
    r.mother_tongue,
    count(*) as population
from resident as r
inner join days as d on r.on_day = d.on_day
left join {{ ref('municipalities') }} as m on r.municipality_code = m.municipality_code
group by
    r.municipality_code, m.name_fi, m.name_sv, d.month_end, d.on_day, r.age, r.sex, r.mother_tongue
