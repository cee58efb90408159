{{ config(meta={'dagster': {'ref': {'name': 'statistics_population_change', 'package': 'vtj'}}}) }}
select
    c.municipality_code,
    c.month_start,
    c.basis,
    c.sex
from {{ ref('statistics_population_change') }} as c
where
    c.month_start >= {{ newest_months() }}
    and c.opening + c.births - c.deaths + c.moved_in - c.moved_out + c.immigration - c.emigration
    + c.correction <> c.closing
