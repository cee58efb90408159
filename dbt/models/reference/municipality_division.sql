{{ config(indexes=[{'columns': ['division_year', 'municipality_code'], 'unique': true}]) }}
-- `union`, not `union all`: codes that name each other as successors end here, and are then missed.
with recursive followed as (
    select
        m.municipality_code,
        y.year as division_year,
        m.municipality_code as division_code
    from {{ ref('municipalities') }} as m
    cross join
        generate_series({{ first_division_year() }}, {{ var('division_year') }}) as y (year)
    union
    select
        f.municipality_code,
        f.division_year,
        m.successor_code as division_code
    from followed as f
    inner join {{ ref('municipalities') }} as m on f.division_code = m.municipality_code
    where m.successor_code is not null and m.valid_to::date < make_date(f.division_year, 1, 1)
)

select
    f.municipality_code,
    f.division_year,
    f.division_code
from followed as f
inner join {{ ref('municipalities') }} as m on f.division_code = m.municipality_code
where m.successor_code is null or m.valid_to::date >= make_date(f.division_year, 1, 1)
