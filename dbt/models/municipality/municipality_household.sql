{%- set address = [
    'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
    'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
] -%}
with member as (
    select
        p.person_id,
        p.municipality_code,
        p.dwelling_key,
        p.valid_from,
        p.birth_date,
        {% for column in address %}p.{{ column }},
        {% endfor %}
        p.language_group,
        {{ age_on('p.birth_date', valid_at()) }} as age
    from {{ ref('shown_period') }} as p
    where
        {{ is_resident('p') }}
        and p.dwelling_key is not null
        -- An institution's address is one for all who live there.
        and coalesce(p.residence_type, 'permanent_dwelling') = 'permanent_dwelling'
),

household as (
    select
        h.municipality_code,
        h.dwelling_key as household_key,
        -- A street that was renamed may stand under both names: the latest address told counts.
        {% for column in address %}
            (
                array_agg(h.{{ column }} order by h.valid_from desc, h.person_id asc)
            )[1] as {{ column }},
        {% endfor %}
        count(*)::integer as persons,
        (count(*) filter (where h.age >= 18))::integer as adults,
        (count(*) filter (where h.age between 0 and 6))::integer as children_0_6,
        (count(*) filter (where h.age between 7 and 17))::integer as children_7_17,
        max(h.age) as oldest_age,
        min(h.age) as youngest_age,
        string_agg(distinct h.language_group, ', ' order by h.language_group) as language_groups
    from member as h
    group by h.municipality_code, h.dwelling_key
)

select
    h.household_key,
    h.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    {% for column in address %}h.{{ column }},
    {% endfor %}
    h.persons,
    h.adults,
    h.children_0_6,
    h.children_7_17,
    h.oldest_age,
    h.youngest_age,
    h.language_groups
from household as h
left join {{ ref('municipalities') }} as m on h.municipality_code = m.municipality_code
