{#- What the tests of protection look for in a view. -#}

{#- By its name, the column tells or helps to tell where somebody is. A new column that does and is not
    named so escapes dbt's tests, not vtj_pipeline_tests/views/test_no_leak.py, which knows nothing of
    names. -#}
{% macro tells_a_place(name) -%}
{{ return(
    name in location_columns()
    or 'municipality' in name
    or 'wellbeing_area' in name
    or 'dwelling' in name
    or 'household' in name
) }}
{%- endmacro %}

{#- The row of the view `model` tells a place, or says that it may. -#}
{% macro shows_a_place(model, row) -%}
{% set names = adapter.get_columns_in_relation(model) | map(attribute='name') | list if execute else [] %}
{% set places = [] %}
{% for name in names if tells_a_place(name) %}{% do places.append(row ~ '.' ~ name) %}{% endfor %}
(
    num_nonnulls({{ places | join(', ') or 'null' }}) > 0
    {% if 'location_withheld' in names %}or not {{ row }}.location_withheld{% endif %}
)
{%- endmacro %}
