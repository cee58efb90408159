{#- The two time axes of every view (design §7.1, §8). Each rule stands here once. -#}

{#- The day that the view speaks of: `set vtj.valid_at = '2026-10-31'`; unset = today in Finland.
    A scalar subquery, so that PostgreSQL evaluates the setting once and not for every row. -#}
{% macro valid_at() -%}
(
    select coalesce(
        nullif(current_setting('vtj.valid_at', true), '')::date,
        (now() at time zone 'Europe/Helsinki')::date
    )
)
{%- endmacro %}

{#- The knowledge that the view speaks from: `set vtj.recorded_at = '2026-10-31 12:00+02'`;
    unset = the newest. -#}
{% macro recorded_at() -%}
(
    select coalesce(
        nullif(current_setting('vtj.recorded_at', true), '')::timestamptz,
        'infinity'::timestamptz
    )
)
{%- endmacro %}

{#- The row stood in the population information system then. -#}
{% macro recorded(row) -%}
(
    {{ row }}.recorded_from <= {{ recorded_at() }}
    and ({{ row }}.recorded_to is null or {{ row }}.recorded_to > {{ recorded_at() }})
)
{%- endmacro %}

{#- The row was so in the world on that day; an unknown start counts as long ago. -#}
{% macro valid(row, day) -%}
(
    ({{ row }}.valid_from is null or {{ row }}.valid_from <= {{ day }})
    and ({{ row }}.valid_to is null or {{ row }}.valid_to > {{ day }})
)
{%- endmacro %}

{#- Order of rows that stand side by side: latest start first; a withheld row, whose start is not
    told, stands before all others, since what is older would be its holder's last known place. -#}
{% macro standing_order(row, maskable) -%}
(
    {% if maskable %}case when {{ row }}.withheld then 'infinity'::date else {% endif -%}
    coalesce({{ row }}.valid_from, '-infinity'::date)
    {%- if maskable %} end{% endif %},
    {{ row }}.recorded_from,
    {{ row }}.row_id
)
{%- endmacro %}

{#- The one row of a person that counts on `day`: recorded, valid, latest start.
    `only`: a condition on the competing rows, where `later` is their name. -#}
{% macro standing(table, row, day, maskable=false, only=none) -%}
{{ recorded(row) }}
and {{ valid(row, day) }}
and not exists (
    select 1
    from {{ source('register', table) }} as later
    where
        later.person_id = {{ row }}.person_id
        {% if only %}and {{ only }}{% endif %}
        and {{ recorded('later') }}
        and {{ valid('later', day) }}
        and {{ standing_order('later', maskable) }} > {{ standing_order(row, maskable) }}
)
{%- endmacro %}
