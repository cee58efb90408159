{#- What the views of persons have in common. -#}

{#- Who a person is, without where. -#}
{% macro person_columns(row) -%}
{% for column in [
    'person_id', 'identity_code', 'last_name', 'first_names', 'call_name', 'birth_date', 'sex',
    'mother_tongue', 'language_group', 'citizenship_group',
] -%}
{{ row }}.{{ column }}{{ ',' if not loop.last }}
{% endfor %}
{%- endmacro %}

{#- The row of timeline.shown_period tells of somebody who lives in the scope on the day asked for. -#}
{% macro is_resident(row) -%}
({{ row }}.in_scope and {{ on_the_day(row) }})
{%- endmacro %}

{#- The row of timeline.shown_period speaks of the day asked for. -#}
{% macro on_the_day(row) -%}
({{ row }}.valid_from <= {{ valid_at() }} and {{ row }}.valid_to > {{ valid_at() }})
{%- endmacro %}

{#- When the population information system first recorded that the person came (`kind` entry_kind,
    `day` valid_from) or went (leave_kind, valid_to) so on that day. Asks for no place, so that it
    answers of everybody alike. -#}
{% macro first_recorded(row, kind, day) -%}
(
    select min(q.recorded_from)
    from {{ ref('person_period') }} as q
    where
        q.person_id = {{ row }}.person_id
        and q.{{ day }} = {{ row }}.{{ day }}
        and q.{{ kind }} = {{ row }}.{{ kind }}
)
{%- endmacro %}

{#- Days from what happened to its recording, by the calendar of Finland. -#}
{% macro recording_delay(recorded_at, happened_on) -%}
(({{ recorded_at }} at time zone 'Europe/Helsinki')::date - {{ happened_on }})
{%- endmacro %}
