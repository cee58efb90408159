{#- What happened to the population: one row for each way in and each way out of a municipality. -#}

{#- From periods (relation `periods`, of one knowledge each; `extra`: columns that come along).
    A change within a municipality of the division that is read is none; one between two is counted
    once as a way out and once as a way in. `part`: the component of change it belongs to. `since`: a
    day before which nothing is counted: most periods ended long ago. -#}
{% macro population_changes(periods, extra, since=none) -%}
{% for way, kind, day, sign in [
    ('in', 'entry_kind', 'valid_from', 1), ('out', 'leave_kind', 'valid_to', -1),
] -%}
{% if not loop.first %}
union all
{% endif %}
select
    {% for column in extra %}p.{{ column }},
    {% endfor %}
    p.{{ day }} as changed_on,
    {{ division('p.municipality_code') }} as municipality_code,
    p.sex,
    case
        when p.{{ kind }} in ('birth', 'death', 'immigration', 'emigration') then p.{{ kind }}
        when p.{{ kind }} = 'between_municipalities' then 'moved_{{ way }}'
        when p.{{ kind }} = 'area_change' then 'area_change'
        else 'correction'
    end as part,
    {{ sign }} as sign
from {{ periods }} as p
where
    p.in_scope
    {% if since %}and p.{{ day }} >= {{ since }}{% endif %}

    and p.{{ kind }} is not null
    and p.{{ kind }} <> 'within_municipality'
    and (
        p.{{ kind }} not in ('between_municipalities', 'area_change')
        or {{ division('p.municipality_code') }}
        is distinct from {{ division('p.entry_from' if way == 'in' else 'p.leave_to') }}
    )
{% endfor %}
{%- endmacro %}

{#- The figures of one cell, signed as they stand in the sum. -#}
{% macro change_parts() -%}
{{ return([
    ('births', 'birth', 1), ('deaths', 'death', -1),
    ('moved_in', 'moved_in', 1), ('moved_out', 'moved_out', -1),
    ('immigration', 'immigration', 1), ('emigration', 'emigration', -1),
    ('area_change', 'area_change', 1), ('unexplained', 'correction', 1),
]) }}
{%- endmacro %}
