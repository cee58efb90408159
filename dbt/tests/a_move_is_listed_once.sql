{{ config(meta={'dagster': {'ref': {'name': 'municipality_mover', 'package': 'vtj'}}}) }}
select
    m.person_id,
    m.moved_on,
    m.kind
from {{ ref('municipality_mover') }} as m
where m.moved_on >= {{ newest_months() }}
group by m.person_id, m.moved_on, m.kind, m.to_municipality_code
having count(*) > 1
