select
    {{ analyst_person() }},
    p.municipality_code,
    m.name_fi as municipality_name_fi,
    p.postal_code,
    {{ first_of_month('p.resident_since') }} as resident_since_month,
    -- A hash of an address could be found by hashing every address. A dwelling is in one
    -- municipality; named, it lets a condition on the municipality reach the periods.
    case
        when p.dwelling_key is not null
            then min(y.pseudonym::text) over (partition by p.municipality_code, p.dwelling_key)
    end as household_pseudonym
from {{ ref('shown_period') }} as p
inner join {{ source('pseudonyms', 'pseudonym') }} as y on p.person_id = y.person_id
left join {{ ref('municipalities') }} as m on p.municipality_code = m.municipality_code
where p.in_scope and p.valid_from <= {{ analyst_day() }} and p.valid_to > {{ analyst_day() }}
