{#- Placeholder until the geography is merged. -#}
{% macro division(code) -%}
{{ code }}
{%- endmacro %}
