with gone as (
    select
        {{ person_columns('p') }},
        p.valid_to as died_on,
        p.municipality_code,
        p.is_protected,
        p.location_withheld,
        {{ first_recorded('p', 'leave_kind', 'valid_to') }} as recorded_at
    from {{ ref('shown_period') }} as p
    where p.leave_kind = 'death' and p.in_scope and p.valid_to <= {{ valid_at() }}
)

select
    {{ person_columns('g') }},
    g.died_on,
    {{ age_on('g.birth_date', 'g.died_on') }} as age_at_death,
    g.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    g.recorded_at,
    {{ recording_delay('g.recorded_at', 'g.died_on') }} as recording_delay_days,
    g.is_protected,
    g.location_withheld
from gone as g
left join {{ ref('municipalities') }} as m on g.municipality_code = m.municipality_code
