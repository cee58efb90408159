{#- The rows of a view of municipalities with the wellbeing area of each place in them, so that no rule
    is written twice. `places`: the column with the municipality, what its area's columns start with.
    Every column of the view comes along. -#}
{% macro with_wellbeing_area(model, places=[('municipality_code', '')]) -%}
select
    m.*,
    {% for code, prefix in places %}{% set area = prefix ~ 'area' %}
    {{ area }}.wellbeing_area_code as {{ prefix }}wellbeing_area_code,
    {{ area }}.name_fi as {{ prefix }}wellbeing_area_name_fi,
    {{ area }}.name_sv as {{ prefix }}wellbeing_area_name_sv{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref(model) }} as m
{% for code, prefix in places %}{% set area = prefix ~ 'area' %}
left join (
    select
        w.municipality_code,
        a.wellbeing_area_code,
        a.name_fi,
        a.name_sv
    from {{ ref('municipality_wellbeing_area') }} as w
    inner join {{ ref('wellbeing_areas') }} as a on w.wellbeing_area_code = a.wellbeing_area_code
    where
        w.valid_from::date <= {{ valid_at() }}
        -- The file gives the last day; the register's own ends are exclusive.
        and (w.valid_to is null or w.valid_to::date >= {{ valid_at() }})
) as {{ area }} on m.{{ code }} = {{ area }}.municipality_code
{% endfor %}
{%- endmacro %}
