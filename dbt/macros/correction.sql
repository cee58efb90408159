{#- What became of rows that were replaced or removed: the rules of timeline.recorded_change. -#}

{#- Told in passing by whoever else changes: a row that differs in it alone was not corrected. -#}
{% macro follows_the_world(column) -%}
{{ return(
    column.endswith('_precision')
    or column in ['is_active', 'has_ended', 'name_kind', 'rights', 'living', 'living_from', 'living_to']
    or (column.startswith('related_') and '_name' in column)
) }}
{%- endmacro %}

{#- One row for each row of a table that ended: `fate` is `went_on`, `corrected` or `cancelled`. `e` is
    the row, `n` any row of the person recorded in the same moment. `touched`: a relation with the
    persons whose rows are asked for; without it everybody's are. -#}
{% macro ended_rows(name, table, touched=none) -%}
{% set told = [] %}
{% for column in table.columns if not follows_the_world(column) %}{% do told.append(column) %}{% endfor %}
{% set content = told | reject('in', ['valid_from', 'valid_to']) | list %}
{% set same_kind = 'n.row_id is not null' if table.one_row else 'n.source_group = e.source_group' %}
select
    e.person_id,
    '{{ name }}' as table_name,
    e.recorded_to as ended_at,
    case
        {% if table.maskable %}
        -- The source withholds what it told before: that corrects nothing.
        when bool_or(n.withheld) then 'went_on'
        {% endif %}
        -- Every value stands in the new row too; what was null may be told now, such as an end.
        when bool_or(
            n.row_id is not null
            {% for column in told %}
            and (e.{{ column }} is null or e.{{ column }} = n.{{ column }})
            {% endfor %}
        ) then 'went_on'
        {% if table.has_validity %}
        when bool_or(
            n.row_id is not null
            {% for column in content %}
            and e.{{ column }} is not distinct from n.{{ column }}
            {% endfor %}
        ) then 'corrected'
        -- What came after it in the world.
        when bool_or(
            {{ same_kind }}
            and n.valid_from > coalesce(e.valid_from, '-infinity')
            and n.valid_from < coalesce(e.valid_to, 'infinity')
        ) then 'went_on'
        when bool_or({{ same_kind }} and e.valid_from = n.valid_from) then 'corrected'
        -- Neither has a first day: nobody can say whether the world changed.
        when bool_or({{ same_kind }} and e.valid_from is null and n.valid_from is null)
            then 'went_on'
        {% else %}
        when bool_or({{ same_kind }}) then 'corrected'
        {% endif %}
        else 'cancelled'
    end as fate
from (
    -- Read once as a whole: the offset keeps the planner from going through it row by row in the
    -- order of the key that it is grouped by, which took three times as long.
    select w.*
    from {{ source('register', name) }} as w
    {% if touched %}inner join {{ touched }} as t on w.person_id = t.person_id{% endif %}
    where
        w.recorded_to is not null
        {% if table.maskable %}and not w.withheld{% endif %}
    offset 0
) as e
left join {{ source('register', name) }} as n
    on e.person_id = n.person_id and e.recorded_to = n.recorded_from
group by e.row_id, e.person_id, e.recorded_to
{%- endmacro %}
