with child as (
    select
        {{ person_columns('p') }},
        extract(year from p.birth_date)::integer + 7 as school_start_year,
        p.municipality_code,
        p.dwelling_key as household_key,
        p.postal_code,
        p.is_protected,
        p.location_withheld
    from {{ ref('shown_period') }} as p
    where
        {{ is_resident('p') }}
        and p.birth_date >= make_date(extract(year from {{ valid_at() }})::integer - 7, 1, 1)
)

select
    {{ person_columns('c') }},
    c.school_start_year,
    c.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    c.household_key,
    c.postal_code,
    {{ guardian_columns('g', 'household_key') }},
    c.is_protected,
    c.location_withheld
from child as c
left join {{ ref('municipalities') }} as m on c.municipality_code = m.municipality_code
{{ join_guardians('c', 'g', 'household_key') }}
