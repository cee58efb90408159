{{ config(meta={'dagster': {'ref': {'name': 'municipality_division', 'package': 'vtj'}}}) }}
-- And under a code that stands on that day; one that is not born yet may count as itself only.
select
    m.municipality_code,
    y.division_year,
    d.division_code
from {{ ref('municipalities') }} as m
cross join
    generate_series({{ first_division_year() }}, {{ var('division_year') }}) as y (division_year)
left join {{ ref('municipality_division') }} as d
    on m.municipality_code = d.municipality_code and y.division_year = d.division_year
left join {{ ref('municipalities') }} as s
    on
        d.division_code = s.municipality_code
        and (s.valid_to is null or s.valid_to::date >= make_date(y.division_year, 1, 1))
        and (
            s.valid_from is null
            or s.valid_from::date <= make_date(y.division_year, 1, 1)
            or m.municipality_code = s.municipality_code
        )
where s.municipality_code is null
