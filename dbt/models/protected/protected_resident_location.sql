{%- set location = [
    'resident_since', 'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
    'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
    'residence_type', 'institution_kind',
] -%}
-- The one view that tells the places that all others withhold.
with withheld as (
    select
        s.person_id,
        s.is_protected
    from {{ ref('shown_period') }} as s
    where s.location_withheld and {{ on_the_day('s') }}
)

select
    p.person_id,
    p.identity_code,
    p.last_name,
    p.first_names,
    p.call_name,
    p.birth_date,
    p.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    {% for column in location %}p.{{ column }},
    {% endfor %}
    w.is_protected,
    p.home_withheld as withheld_by_source
from withheld as w
inner join {{ ref('person_period') }} as p on w.person_id = p.person_id
-- Whom the register has lost since is not shown at all.
inner join {{ source('register', 'person') }} as r on w.person_id = r.person_id
left join {{ ref('municipalities') }} as m on p.municipality_code = m.municipality_code
where
    {{ known_then('p', recorded_at()) }}
    and {{ on_the_day('p') }}
    and (p.home_withheld or {{ in_scope('p.municipality_code') }})
