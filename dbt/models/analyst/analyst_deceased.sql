select
    {{ analyst_person() }},
    {{ month_of('p.valid_to') }} as died_in_month,
    p.municipality_code,
    p.postal_code
from {{ ref('shown_period') }} as p
inner join {{ source('pseudonyms', 'pseudonym') }} as y on p.person_id = y.person_id
where p.in_scope and p.leave_kind = 'death' and p.valid_to < {{ analyst_day() }}
