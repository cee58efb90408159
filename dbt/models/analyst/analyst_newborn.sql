select
    {{ analyst_person() }},
    p.municipality_code,
    p.postal_code
from {{ ref('shown_period') }} as p
inner join {{ source('pseudonyms', 'pseudonym') }} as y on p.person_id = y.person_id
where p.in_scope and p.entry_kind = 'birth' and p.valid_from < {{ analyst_day() }}
