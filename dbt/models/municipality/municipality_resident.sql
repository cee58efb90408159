{% set same_kind = "later.address_type = 'permanent_domestic'" %}
with days as (
    select {{ valid_at() }} as on_day
),

resident as (
    {{ residents_on('days') }}
)

select
    r.person_id,
    coalesce(i.identity_code, p.identity_code) as identity_code,
    coalesce(n.last_name_utf8, n.last_name) as last_name,
    coalesce(n.first_names_utf8, n.first_names) as first_names,
    n.call_name,
    r.birth_date,
    r.age,
    r.sex,
    r.mother_tongue,
    r.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    r.resident_since,
    {% for column in [
        'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
        'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
    ] %}
        {{ masked('r', 'a.' ~ column) }} as {{ column }},
    {% endfor %}
    r.is_protected,
    r.location_withheld
from resident as r
left join {{ source('register', 'person') }} as p on r.person_id = p.person_id
left join lateral (
    -- Two codes are never in force at once; were they, the later one counts.
    select c.identity_code
    from {{ source('register', 'identity_code') }} as c
    where c.person_id = r.person_id and c.is_active and {{ recorded('c') }}
    order by c.recorded_from desc, c.row_id desc
    limit 1
) as i on true
left join {{ source('register', 'name') }} as n
    on r.person_id = n.person_id and {{ recorded('n') }}
left join {{ source('register', 'address') }} as a
    on
        r.person_id = a.person_id
        and a.address_type = 'permanent_domestic'
        and {{ standing('address', 'a', 'r.on_day', maskable=true, only=same_kind) }}
left join {{ ref('municipalities') }} as m on r.municipality_code = m.municipality_code
