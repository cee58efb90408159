select
    {{ analyst_person() }},
    {{ month_of('p.valid_from') }} as moved_in_month,
    p.entry_kind as kind,
    p.entry_from as from_municipality_code,
    p.municipality_code as to_municipality_code,
    p.postal_code as to_postal_code
from {{ ref('shown_period') }} as p
inner join {{ source('pseudonyms', 'pseudonym') }} as y on p.person_id = y.person_id
where
    p.entry_kind in ('between_municipalities', 'within_municipality', 'immigration', 'emigration')
    and not p.location_withheld
    and p.valid_from < {{ analyst_day() }}
    and (p.in_scope or {{ in_scope('p.entry_from') }})
