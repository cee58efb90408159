{#- What happened to persons who were known already: the person, the day, and when a row first told it.
    Days of which only the month or year is known tell no delay. `touched`: a relation with the persons
    who are asked for; without it everybody is. -#}
{% macro told_later(table, day, slot, same, only='true', touched=none) -%}
select
    e.person_id,
    e.{{ day }} as happened_on,
    min(e.recorded_from) as recorded_at
from {{ source('register', table) }} as e
inner join {{ source('register', 'person') }} as p on e.person_id = p.person_id
{% if touched %}inner join {{ touched }} as t on e.person_id = t.person_id{% endif %}
where
    e.recorded_from > p.first_recorded
    and e.{{ day }}_precision = 'day'
    and {{ only }}
    and not exists (
        select 1
        from {{ source('register', table) }} as v
        where
            v.person_id = e.person_id
            and v.recorded_from < e.recorded_from
            {% for column in slot %}
            and v.{{ column }} is not distinct from e.{{ column }}
            {% endfor %}
            and (
                -- Told before, perhaps with something else on that day.
                v.{{ day }} = e.{{ day }}
                -- Told before with another day, which this row corrects.
                or (
                    v.recorded_to = e.recorded_from
                    {% for column in same %}
                    and v.{{ column }} is not distinct from e.{{ column }}
                    {% endfor %}
                )
            )
    )
group by e.person_id, e.{{ day }}{% for column in slot %}, e.{{ column }}{% endfor %}
{%- endmacro %}
