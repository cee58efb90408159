with speaker as (
    select
        {{ person_columns('r') }},
        r.age,
        r.municipality_code,
        r.municipality_name_fi,
        r.municipality_name_sv,
        case
            when r.language_group = 'sami' then 'sami'
            when r.language_group = 'other' then 'foreign_language'
            -- 1 is bilingual with a Finnish majority, 3 bilingual with a Swedish one. Where the
            -- municipality is withheld there is no status, and nothing is told of it.
            when (m.language_status_code, r.language_group) in (('1', 'sv'), ('3', 'fi'))
                then 'national_minority'
        end as minority_kind,
        r.is_protected,
        r.location_withheld
    from {{ ref('municipality_resident') }} as r
    left join {{ ref('municipalities') }} as m on r.municipality_code = m.municipality_code
)

select
    {{ person_columns('s') }},
    s.age,
    s.minority_kind,
    s.municipality_code,
    s.municipality_name_fi,
    s.municipality_name_sv,
    s.is_protected,
    s.location_withheld
from speaker as s
where s.minority_kind is not null
