select
    {{ person_columns('r') }},
    r.age,
    r.municipality_code,
    r.municipality_name_fi,
    r.municipality_name_sv,
    r.resident_since,
    r.is_protected,
    r.location_withheld
from {{ ref('municipality_resident') }} as r
where r.age >= 18
