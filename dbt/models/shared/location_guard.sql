{#- The tables of which a withheld row says that the person's place must not be told. In
    `other_group` the rows of any group count: what is not known may tell a place (fails closed). -#}
{% set location_tables = [
    'home_municipality', 'other_municipality', 'address', 'residence', 'contact', 'other_group',
] %}
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
    {% for table in location_tables %}
        {% if not loop.first %}
            union
        {% endif %}
        select w.person_id
        from {{ source('register', table) }} as w
        where w.withheld and (w.recorded_to is null or {{ recorded('w') }})
    {% endfor %}
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
