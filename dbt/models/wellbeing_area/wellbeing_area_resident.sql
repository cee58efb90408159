select
    r.person_id,
    r.identity_code,
    r.last_name,
    r.first_names,
    r.call_name,
    r.birth_date,
    r.age,
    r.sex,
    r.mother_tongue,
    r.language_group,
    r.citizenship_group,
    r.municipality_code,
    r.municipality_name_fi,
    r.municipality_name_sv,
    r.resident_since,
    r.household_key,
    r.street_fi,
    r.street_sv,
    r.house_number,
    r.stairwell,
    r.apartment_number,
    r.apartment_division,
    r.postal_code,
    r.post_office_fi,
    r.post_office_sv,
    r.building_id,
    r.is_protected,
    r.location_withheld,
    a.wellbeing_area_code,
    a.name_fi as wellbeing_area_name_fi,
    a.name_sv as wellbeing_area_name_sv
from {{ ref('municipality_resident') }} as r
left join {{ ref('municipality_wellbeing_area') }} as w
    on
        r.municipality_code = w.municipality_code
        and w.valid_from::date <= {{ valid_at() }}
        -- The file gives the last day; the register's own ends are exclusive.
        and (w.valid_to is null or w.valid_to::date >= {{ valid_at() }})
left join {{ ref('wellbeing_areas') }} as a on w.wellbeing_area_code = a.wellbeing_area_code
