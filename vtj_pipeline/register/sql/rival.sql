{#- Which rows others may hide, end or follow (part of fold_rows.sql); `row`: a row of `operation`, or one
    made of it. -#}

{#- Told as open where one can be, and another one is told so too. -#}
{% macro may_end(row) -%}
coalesce(
        {{ row }}.one_open
        and {{ row }}.is_open
        and hash({{ row }}.person_id, {{ row }}.slot{% for column in table.one_open_by %}, {{ row }}.{{ column }}{% endfor %})
            in (select r.h from rival_open as r),
        false
    )
{%- endmacro %}

{#- As above, or told of a fact that a sibling group tells of too. -#}
{% macro is_one(row) -%}
{% if has_siblings -%}
hash({{ row }}.person_id{% for f in fact %}, {{ f }}{% endfor %}) in (select r.h from rival_fact as r)
{%- endif %}
{%- if has_one_open %}
{{ 'or ' if has_siblings }}{{ may_end(row) }}
{%- endif %}
{%- endmacro %}

{#- Not alone with its key, or swept, or as above. -#}
{% macro is_crowded(row) -%}
(
    hash({{ row }}.person_id, {{ row }}.slot, {{ row }}.key) in (select b.h from busy_key as b)
    or hash({{ row }}.person_id, {{ row }}.slot) in (select b.h from busy_slot as b)
    {% if has_siblings or has_one_open %}
    or {{ is_one(row) }}
    {% endif %}
)
{%- endmacro %}
