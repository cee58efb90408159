{{ config(meta={'dagster': {'ref': {'name': 'municipality_resident', 'package': 'vtj'}}}) }}
-- Asks the register's tables themselves, so that a fault in the guard shows.
with protected_person as (
    select p.person_id
    from {{ source('register', 'person') }} as p
    where p.is_protected
    union
    select o.person_id
    from {{ source('register', 'protection_order') }} as o
    where o.is_active and o.recorded_to is null
)

select r.person_id
from {{ ref('wellbeing_area_resident') }} as r
inner join protected_person as p on r.person_id = p.person_id
where
    not r.location_withheld
    or num_nonnulls(
        r.municipality_code, r.municipality_name_fi, r.municipality_name_sv, r.resident_since,
        r.street_fi, r.street_sv, r.house_number, r.stairwell, r.apartment_number,
        r.apartment_division, r.postal_code, r.post_office_fi, r.post_office_sv, r.building_id,
        r.wellbeing_area_code, r.wellbeing_area_name_fi, r.wellbeing_area_name_sv
    ) > 0
union all
select m.person_id
from {{ ref('municipality_mover') }} as m
inner join protected_person as p on m.person_id = p.person_id
