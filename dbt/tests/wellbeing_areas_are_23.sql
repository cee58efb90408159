{{ config(meta={'dagster': {'ref': {'name': 'wellbeing_areas', 'package': 'vtj'}}}) }}
-- 21 counties, Helsinki and Åland, all of them with municipalities.
select count(distinct w.wellbeing_area_code) as areas
from {{ ref('wellbeing_areas') }} as w
inner join {{ ref('municipality_wellbeing_area') }} as m
    on w.wellbeing_area_code = m.wellbeing_area_code
where w.valid_to is null and m.valid_to is null
having count(distinct w.wellbeing_area_code) <> 23
