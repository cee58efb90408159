select
    c.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    c.month_end,
    c.counted_on,
    c.basis,
    c.sex,
    c.age,
    c.language_group,
    c.citizenship_group,
    c.population
from {{ ref('population_count') }} as c
left join {{ ref('municipalities') }} as m on c.municipality_code = m.municipality_code
{{ join_began('c.municipality_code') }}
where
    c.basis <> 'restated'
    and c.month_end >= {{ since_records_began('began_on') }}
