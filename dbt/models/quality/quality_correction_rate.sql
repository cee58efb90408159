with counted as (
    select
        c.table_name,
        c.recorded_month,
        sum(c.recorded_rows) as recorded_rows,
        sum(c.corrected_rows) as corrected_rows,
        sum(c.cancelled_rows) as cancelled_rows
    from {{ ref('recorded_change') }} as c
    where
        c.recorded_month >= (
            date_trunc('month', {{ moment() }} at time zone 'Europe/Helsinki')
            - ({{ var('quality_months') }} - 1) * interval '1 month'
        )
    group by c.table_name, c.recorded_month
)

select
    c.table_name,
    c.recorded_month,
    c.recorded_rows::bigint as recorded_rows,
    c.corrected_rows::bigint as corrected_rows,
    c.cancelled_rows::bigint as cancelled_rows,
    {{ share('1000 * (c.corrected_rows + c.cancelled_rows)', 'c.recorded_rows') }}
        as per_1000_recorded
from counted as c
