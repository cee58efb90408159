select
    {{ person_columns('p') }},
    case p.residence_type
        when 'permanent_institution' then 'institution_or_no_address'
        when 'permanent_abroad' then 'abroad'
        else 'unknown_dwelling'
    end as fault,
    p.residence_type,
    p.institution_kind,
    p.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    p.resident_since
from {{ ref('shown_period') }} as p
left join {{ ref('municipalities') }} as m on p.municipality_code = m.municipality_code
where
    {{ is_resident('p') }}
    and not p.location_withheld
    and (
        p.dwelling_key is null
        or p.residence_type in ('permanent_institution', 'permanent_abroad')
    )
