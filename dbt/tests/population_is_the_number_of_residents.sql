{{ config(meta={'dagster': {'ref': {'name': 'statistics_population', 'package': 'vtj'}}}) }}
-- The running month is counted on the very day that municipality.resident answers for.
select sum(p.population) as population
from {{ ref('statistics_population') }} as p
where
    p.month_end >= (now() at time zone 'Europe/Helsinki')::date
    and p.counted_on = {{ valid_at() }}
having sum(p.population) <> (select count(*) from {{ ref('municipality_resident') }})
