{{ config(indexes=[{'columns': ['municipality_code', 'valid_from'], 'unique': true}]) }}
{% set lists = ['municipality_region', 'municipality_wellbeing_area'] %}
-- Days on which something of a municipality begins or has ended; between them nothing changes.
with edge as (
    {% for list in lists %}
        {% if not loop.first %}
            union
        {% endif %}
        select
            b.municipality_code,
            b.valid_from::date as on_day
        from {{ ref(list) }} as b
        union
        select
            e.municipality_code,
            -- The files give the last day.
            e.valid_to::date + 1 as on_day
        from {{ ref(list) }} as e
        where e.valid_to is not null
    {% endfor %}
),

period as (
    select
        e.municipality_code,
        e.on_day as valid_from,
        lead(e.on_day) over (partition by e.municipality_code order by e.on_day) as valid_to
    from edge as e
)

select
    p.municipality_code,
    p.valid_from,
    p.valid_to,
    r.region_code,
    r.name_fi as region_name_fi,
    r.name_sv as region_name_sv,
    w.wellbeing_area_code,
    w.name_fi as wellbeing_area_name_fi,
    w.name_sv as wellbeing_area_name_sv,
    w.collaborative_area_code,
    w.collaborative_area_name_fi,
    w.collaborative_area_name_sv
from period as p
left join {{ ref('municipality_region') }} as ir
    on
        p.municipality_code = ir.municipality_code
        and ir.valid_from::date <= p.valid_from
        and (ir.valid_to is null or ir.valid_to::date >= p.valid_from)
left join {{ ref('regions') }} as r on ir.region_code = r.region_code
left join {{ ref('municipality_wellbeing_area') }} as iw
    on
        p.municipality_code = iw.municipality_code
        and iw.valid_from::date <= p.valid_from
        and (iw.valid_to is null or iw.valid_to::date >= p.valid_from)
left join {{ ref('wellbeing_areas') }} as w on iw.wellbeing_area_code = w.wellbeing_area_code
where ir.municipality_code is not null or iw.municipality_code is not null
