{#- The two time axes of every view (design §7.1, §8). Each rule stands here once. -#}

{#- The clock's moment, asked for nowhere else: what today is, what has been published by now, and how
    old something is. -#}
{% macro moment() -%}
now()
{%- endmacro %}

{#- The day that the view speaks of: `set vtj.valid_at = '2026-10-31'`; unset = today in Finland.
    A scalar subquery, so that PostgreSQL evaluates the setting once and not for every row. -#}
{% macro valid_at() -%}
(
    select coalesce(
        nullif(current_setting('vtj.valid_at', true), '')::date,
        ({{ moment() }} at time zone 'Europe/Helsinki')::date
    )
)
{%- endmacro %}

{#- Today in Finland, by the clock. -#}
{% macro today() -%}
(select ({{ moment() }} at time zone 'Europe/Helsinki')::date)
{%- endmacro %}

{#- The last moment there is: what stands is open until infinity. -#}
{% macro newest() -%}
timestamptz '294276-12-31 23:59:59+00'
{%- endmacro %}

{#- The knowledge that the view speaks from: `set vtj.recorded_at = '2026-10-31 12:00+02'`;
    unset = the newest. -#}
{% macro recorded_at() -%}
(
    select least(
        nullif(current_setting('vtj.recorded_at', true), '')::timestamptz,
        {{ newest() }}
    )
)
{%- endmacro %}

{#- The row of a register table stood in the population information system at `moment`. -#}
{% macro recorded(row, moment=none) -%}
(
    {{ row }}.recorded_from <= {{ moment or recorded_at() }}
    and ({{ row }}.recorded_to is null or {{ row }}.recorded_to > {{ moment or recorded_at() }})
)
{%- endmacro %}

{#- The row of a register table was so in the world on that day; an unknown start counts as long
    ago. -#}
{% macro valid(row, day) -%}
(
    ({{ row }}.valid_from is null or {{ row }}.valid_from <= {{ day }})
    and ({{ row }}.valid_to is null or {{ row }}.valid_to > {{ day }})
)
{%- endmacro %}

{#- Order of rows that stand side by side, the one that counts first: latest start; a withheld row,
    whose start is not told, stands before all others, since what is older would be its holder's
    last known place. -#}
{% macro standing_first(row, maskable=true) -%}
{% if maskable %}{{ row }}.withheld desc, {% endif -%}
coalesce({{ row }}.valid_from, '-infinity'::date) desc, {{ row }}.recorded_from desc, {{ row }}.row_id desc
{%- endmacro %}
