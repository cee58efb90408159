-- How many persons have two rows where there can be one. Runs in PostgreSQL.
-- Jinja: `table`, `rules` (findings.OneRowRule).
select count(distinct d.person_id)
from (
    {% for rule in rules %}
    select r.person_id
    from register.{{ table }} as r
    where
        r.recorded_to is null
        and {{ rule.condition }}
        {% if rule.slots %}
        and r.source_group in ({% for group in rule.slots %}'{{ group }}'{{ ', ' if not loop.last }}{% endfor %})
        {% endif %}
    group by
        r.person_id
        {%- if rule.slots.values() | unique | list | length > 1 %},
        case r.source_group
            {% for group, slot in rule.slots.items() %}
            when '{{ group }}' then '{{ slot }}'
            {% endfor %}
        end
        {%- endif %}
        {%- for column in rule.columns %},
        r.{{ column }}
        {%- endfor %}

    having count(*) > 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
) as d
