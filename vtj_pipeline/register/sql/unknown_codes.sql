-- How many rows that stand now hold a code that is not known, by the group they came from. Runs in
-- DuckDB on `folded_<table>`, or with `standing` in PostgreSQL on the rows of whom was folded there
-- (`touched_whole`, `touched_in`).
-- Jinja: `table`, `columns` (unknown.JudgedColumn), `standing`.
{% from 'of_touched.jinja' import folded_of %}
with combination as (
    -- Codes are few: only one of each combination is looked up.
    select
        r.source_group,
        {% for c in columns %}
        case when {{ c.condition }} then r.{{ c.column }} end as {{ c.column }},
        {% endfor %}
        count(*) as rows
    {% if standing %}
    from {{ folded_of(table) }} as t
    inner join register.{{ table }} as r on r.person_id = t.person_id
    {% else %}
    from folded_{{ table }} as r
    {% endif %}
    where r.recorded_to is null
    group by
        r.source_group
        {%- for c in columns %},
        case when {{ c.condition }} then r.{{ c.column }} end
        {%- endfor %}

)
select
    c.source_group,
    {% for c in columns %}
    coalesce(sum(c.rows) filter (
        where c.{{ c.column }} not in ({% for code in c.known %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %})
    ), 0)::bigint as {{ c.column }}{{ ',' if not loop.last }}
    {% endfor %}
from combination as c
group by c.source_group
