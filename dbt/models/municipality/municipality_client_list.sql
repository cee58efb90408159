{%- set address = [
    'resident_since', 'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
    'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
] -%}
with member as (
    select
        s.subscription,
        s.person_id,
        r.identity_code
    from {{ source('register', 'scope_member') }} as s
    inner join {{ source('register', 'person') }} as r on s.person_id = r.person_id
    where
        s.is_member
        and s.first_recorded <= {{ recorded_at() }}
        and s.subscription not in (
            select c.subscription
            from {{ source('register', 'scope_municipality') }} as c
        )
)

select
    m.subscription,
    m.person_id,
    coalesce(t.identity_code, m.identity_code) as identity_code,
    t.last_name,
    t.first_names,
    t.call_name,
    t.birth_date,
    t.sex,
    t.mother_tongue,
    t.language_group,
    t.citizenship_group,
    t.died_on,
    case when t.died_on is null then {{ age_on('t.birth_date', valid_at()) }} end as age,
    t.municipality_code,
    k.name_fi as municipality_name_fi,
    k.name_sv as municipality_name_sv,
    {% for column in address %}t.{{ column }},
    {% endfor %}
    coalesce(t.is_protected, g.is_protected, false) as is_protected,
    coalesce(t.location_withheld, g.person_id is not null) as location_withheld
from member as m
-- The stay of the day asked for, else the one that death ended: a person has at most one of them.
left join lateral (
    select
        p.*,
        case when p.valid_to <= {{ valid_at() }} then p.valid_to end as died_on
    from {{ ref('shown_period') }} as p
    where
        p.person_id = m.person_id
        and ({{ on_the_day('p') }} or (p.leave_kind = 'death' and p.valid_to <= {{ valid_at() }}))
    order by p.valid_from desc
    -- Keeps the planner from reading everybody's periods for a list of few.
    limit 1
) as t on true
left join {{ ref('municipalities') }} as k on t.municipality_code = k.municipality_code
-- Who has no stay to tell of has no row above that says so.
left join {{ guarded(recorded_at(), none) }} as g on m.person_id = g.person_id
