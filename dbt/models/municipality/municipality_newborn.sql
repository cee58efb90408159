-- A birth is the start of a period; where the child lives now, or whether, is another question.
with child as (
    select
        {{ person_columns('p') }},
        p.municipality_code,
        p.is_protected,
        p.location_withheld,
        {{ first_recorded('p', 'entry_kind', 'valid_from') }} as recorded_at
    from {{ ref('shown_period') }} as p
    where
        p.entry_kind = 'birth'
        and p.in_scope
        and p.valid_from <= {{ valid_at() }}
        and p.valid_from > {{ valid_at() }} - interval '12 months'
)

select
    {{ person_columns('c') }},
    c.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    mother.mother_person_id,
    mother.mother_last_name,
    mother.mother_first_names,
    mother.mother_withheld,
    {{ guardian_columns('g') }},
    c.recorded_at,
    {{ recording_delay('c.recorded_at', 'c.birth_date') }} as recording_delay_days,
    c.is_protected,
    c.location_withheld
from child as c
left join {{ ref('municipalities') }} as m on c.municipality_code = m.municipality_code
{{ join_mother('c', 'mother') }}
{{ join_guardians('c', 'g') }}
