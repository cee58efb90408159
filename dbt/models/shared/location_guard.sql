-- Whose whereabouts no view may tell (design §8, §12.8). Both the newest knowledge and the
-- knowledge asked for count: looking back never shows whom an order protects now, and looking
-- from now never shows more than was allowed then. Read it through macros/masking.sql only.
with protected_person as (
    select distinct o.person_id
    from {{ source('register', 'protection_order') }} as o
    -- The boolean decides; a planned end that has passed changes nothing (contract §7).
    where o.is_active is not false and (o.recorded_to is null or {{ recorded('o') }})
),

withheld_person as (
    select h.person_id
    from {{ source('register', 'home_municipality') }} as h
    where h.withheld and (h.recorded_to is null or {{ recorded('h') }})
    union
    select a.person_id
    from {{ source('register', 'address') }} as a
    where a.withheld and (a.recorded_to is null or {{ recorded('a') }})
)

select
    p.person_id,
    (p.is_protected is not false or o.person_id is not null) as is_protected,
    (
        p.is_protected is not false
        or o.person_id is not null
        or w.person_id is not null
    ) as location_withheld
from {{ source('register', 'person') }} as p
left join protected_person as o on p.person_id = o.person_id
left join withheld_person as w on p.person_id = w.person_id
