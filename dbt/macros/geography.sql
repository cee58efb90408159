{#- Municipalities change: which code counts, and on which day. The answers stand in the models of
    models/reference/; here is how a view asks for them. -#}

{#- The first division of municipalities that the code lists speak of; the newest is the variable
    `division_year`. -#}
{% macro first_division_year() -%}
2008
{%- endmacro %}

{#- The division that the reader asks for: `set vtj.division = '2026'` is that of 1 January 2026;
    unset = null, each code as it was on its day. A year without a known division is refused, since
    codes left as they are would look like an answer: PostgreSQL has no `raise` in a query, so the
    message is cast to a number.
    A scalar subquery, so that PostgreSQL evaluates the setting once and not for every row. -#}
{% macro division_year() -%}
(
    select
        case
            when asked.division_year not between {{ first_division_year() }} and {{ var('division_year') }}
                then (
                    'vtj.division is ' || asked.division_year
                    || ', give {{ first_division_year() }} to {{ var('division_year') }}'
                )::integer
            else asked.division_year
        end
    from (
        select nullif(current_setting('vtj.division', true), '')::integer as division_year
    ) as asked
)
{%- endmacro %}

{#- What the asked division changes, as {code: code under which it counts}: the few mergers that are
    past by then, read once for the whole query. Null where nothing was asked. -#}
{% macro changed_codes() -%}
(
    select jsonb_object_agg(d.municipality_code, d.division_code)
    from {{ ref('municipality_division') }} as d
    where d.division_year = {{ division_year() }} and d.division_code <> d.municipality_code
)
{%- endmacro %}

{#- The code under which `code` counts in the division that the reader asks for. Null stays null,
    and a code that no list knows stays itself.
    Every row looks itself up in one value, so there is no join for the planner to misjudge. A filter
    on the result reads all rows. -#}
{% macro division(code) -%}
coalesce({{ changed_codes() }} ->> {{ code }}, {{ code }})
{%- endmacro %}
