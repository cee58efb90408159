{{ config(meta={'dagster': {'ref': {'name': 'municipality_division', 'package': 'vtj'}}}) }}
-- On 1 January of each year, as Statistics Finland published them.
with published (division_year, municipalities) as (
    values
    (2008, 415), (2009, 348), (2010, 342), (2011, 336), (2012, 336), (2013, 320), (2014, 320),
    (2015, 317), (2016, 313), (2017, 311), (2018, 311), (2019, 311), (2020, 310), (2021, 309),
    (2022, 309), (2023, 309), (2024, 309), (2025, 308), (2026, 308)
),

counted as (
    select
        d.division_year,
        count(distinct d.division_code) as municipalities
    from {{ ref('municipality_division') }} as d
    inner join {{ ref('municipalities') }} as m on d.division_code = m.municipality_code
    where
        m.kind = 'municipality'
        -- A municipality that was not born yet counts as itself, and in no division.
        and (m.valid_from is null or m.valid_from::date <= make_date(d.division_year, 1, 1))
    group by d.division_year
)

select
    p.division_year,
    p.municipalities as published,
    c.municipalities as counted
from published as p
left join counted as c on p.division_year = c.division_year
where p.municipalities is distinct from c.municipalities
