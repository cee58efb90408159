{#- What the indicators of quality share. -#}

{#- First day of the month in Finland that a moment falls into. -#}
{% macro month_of(at) -%}
date_trunc('month', {{ at }} at time zone 'Europe/Helsinki')::date
{%- endmacro %}

{#- Days from `since` to now, with a part of a day. -#}
{% macro age_in_days(since) -%}
trim_scale(greatest(round(extract(epoch from {{ moment() }} - {{ since }}) / 86400, 2), 0))
{%- endmacro %}

{% macro is_older(since, days) -%}
{{ moment() }} - {{ since }} >= {{ days }} * interval '24 hours'
{%- endmacro %}

{#- A share of nothing is not told. -#}
{% macro share(part, whole) -%}
trim_scale(round(({{ part }})::numeric / nullif({{ whole }}, 0), 6))
{%- endmacro %}

{#- One row for each date of a table: how many current rows tell it, by precision. One pass over the
    table counts all of its dates. -#}
{% macro partial_dates(name, table) -%}
{% set precisions = ['day', 'month', 'year', 'unknown'] %}
select
    '{{ name }}' as table_name,
    d.column_name,
    d.dated_rows,
    d.month_rows,
    d.year_rows,
    d.unknown_rows,
    d.dated_rows - d.day_rows as partial_rows,
    {{ share('d.dated_rows - d.day_rows', 'd.dated_rows') }} as partial_share
from (
    select
        {% for date in table.dates %}
        {% for precision in precisions %}
        count(*) filter (where t.{{ date }}_precision = '{{ precision }}')
            as {{ date }}_{{ precision }},
        {% endfor %}
        count(t.{{ date }}_precision) as {{ date }}_dated{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('register', name) }} as t
    where t.recorded_to is null
) as c
cross join lateral (
    values
    {% for date in table.dates %}
    (
        '{{ date }}', c.{{ date }}_dated
        {%- for precision in precisions %}, c.{{ date }}_{{ precision }}{% endfor %}

    ){{ ',' if not loop.last }}
    {% endfor %}
) as d (column_name, dated_rows, day_rows, month_rows, year_rows, unknown_rows)
{%- endmacro %}
