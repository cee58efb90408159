with delay as (
    select
        t.kind,
        {{ month_of('t.recorded_at') }} as recorded_month,
        (t.recorded_at at time zone 'Europe/Helsinki')::date - t.happened_on as delay_days
    from {{ ref('told_event') }} as t
    where t.kind is not null
)

select
    d.kind,
    d.recorded_month,
    count(*) as events,
    percentile_disc(0.5) within group (order by d.delay_days) as median_days,
    percentile_disc(0.9) within group (order by d.delay_days) as p90_days,
    count(*) filter (where d.delay_days > 30) as events_above_30_days,
    {{ share('count(*) filter (where d.delay_days > 30)', 'count(*)') }} as share_above_30_days
from delay as d
group by d.kind, d.recorded_month
