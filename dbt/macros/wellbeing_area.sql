{#- The rows of a view of municipalities with the wellbeing area of each place in them, so that no rule
    is written twice. `places`: the column with the municipality, what its area's columns start with.
    Every column of the view comes along. -#}
{% macro with_wellbeing_area(model, places=[('municipality_code', '')]) -%}
select
    m.*,
    {% for code, prefix in places %}{% set area = prefix ~ 'area' %}
    {{ area }}.wellbeing_area_code as {{ prefix }}wellbeing_area_code,
    {{ area }}.wellbeing_area_name_fi as {{ prefix }}wellbeing_area_name_fi,
    {{ area }}.wellbeing_area_name_sv as {{ prefix }}wellbeing_area_name_sv{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref(model) }} as m
{% for code, prefix in places %}{% set area = prefix ~ 'area' %}
left join {{ ref('municipality_area') }} as {{ area }}
    on m.{{ code }} = {{ area }}.municipality_code and {{ valid(area, valid_at()) }}
{% endfor %}
{%- endmacro %}
