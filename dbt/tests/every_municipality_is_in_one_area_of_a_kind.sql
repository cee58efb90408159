{{ config(meta={'dagster': {'ref': {'name': 'municipality_area', 'package': 'vtj'}}}) }}
-- On any day since the list begins, and in none where the municipality itself is not there. It is
-- enough to look at the days on which something begins or has ended.
-- depends_on: {{ ref('municipality_area') }}
{% set lists = {
    'municipality_region': '2013-01-01', 'municipality_wellbeing_area': '2023-01-01',
} %}
with listed as (
    {% for list in lists %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            '{{ list }}' as of_list,
            i.municipality_code,
            i.valid_from::date as valid_from,
            i.valid_to::date as valid_to
        from {{ ref(list) }} as i
    {% endfor %}
),

municipality as (
    select
        m.municipality_code,
        coalesce(m.valid_from::date, '-infinity') as valid_from,
        coalesce(m.valid_to::date, 'infinity') as valid_to
    from {{ ref('municipalities') }} as m
    where m.kind = 'municipality'
),

edge as (
    {% for name in ['listed', 'municipality'] %}
        {% if not loop.first %}
            union
        {% endif %}
        select b.valid_from as on_day
        from {{ name }} as b
        union
        select l.valid_to + 1 as on_day
        from {{ name }} as l
        where l.valid_to < 'infinity'
    {% endfor %}
),

expected as (
    {% for list, first_day in lists.items() %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            '{{ list }}' as of_list,
            m.municipality_code,
            e.on_day,
            e.on_day between m.valid_from and m.valid_to as is_there
        from municipality as m
        cross join edge as e
        where e.on_day >= '{{ first_day }}'
    {% endfor %}
)

select
    e.of_list,
    e.municipality_code,
    e.on_day,
    count(i.municipality_code) as areas
from expected as e
left join listed as i
    on
        e.of_list = i.of_list
        and e.municipality_code = i.municipality_code
        and e.on_day >= i.valid_from
        and (i.valid_to is null or e.on_day <= i.valid_to)
group by e.of_list, e.municipality_code, e.on_day, e.is_there
having count(i.municipality_code) <> e.is_there::integer
