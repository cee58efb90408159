{{ config(
    severity='warn',
    meta={'dagster': {'ref': {'name': 'municipality_division', 'package': 'vtj'}}},
) }}
-- Warns from New Year's Day until the code lists have been looked through (seeds/README.md).
-- depends_on: {{ ref('municipality_division') }}
select t.division_year
from (
    select extract(year from now() at time zone 'Europe/Helsinki')::integer as division_year
) as t
where t.division_year > {{ var('division_year') }}
