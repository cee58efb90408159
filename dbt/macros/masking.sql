{#- How a location is shown, with `location_guard`. A person whom the guard does not know is
    withheld: every macro fails closed on null. (`coalesce`, since PostgreSQL takes `is not false`
    to hold for nearly every row, and plans nested loops for the few that it expects to be left.) -#}

{% macro is_withheld(guard) -%}
coalesce({{ guard }}.location_withheld, true)
{%- endmacro %}

{% macro is_protected(guard) -%}
coalesce({{ guard }}.is_protected, true)
{%- endmacro %}

{#- Every value that tells where a person is goes through this. -#}
{% macro masked(guard, value) -%}
case when not {{ is_withheld(guard) }} then {{ value }} end
{%- endmacro %}
