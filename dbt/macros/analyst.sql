{#- What an analyst may see of a person. -#}

{#- The day that the analysts' views speak of: the first of the month. Asked day by day, a view would
    tell the very day on which somebody was born, died or moved. -#}
{% macro analyst_day() -%}
(select date_trunc('month', {{ valid_at() }})::date)
{%- endmacro %}

{% macro month_of(day) -%}
date_trunc('month', {{ day }})::date
{%- endmacro %}

{#- Who somebody is, as far as an analyst knows: `y` is timeline.pseudonym, `p` a shown period. -#}
{% macro analyst_person() -%}
y.pseudonym,
    extract(year from p.birth_date)::integer as birth_year,
    extract(month from p.birth_date)::integer as birth_month,
    p.sex,
    p.language_group,
    p.citizenship_group
{%- endmacro %}
