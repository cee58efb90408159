-- Groups and fields that the catalogue does not know, with their number of landed rows. Runs in
-- DuckDB. In: `new_event`. Jinja: `known`, the names of the groups. A name that does not look like
-- one may be data that was told in the wrong place, and is not repeated.
with told as (
    select n.tietoryhma, n.unknown_fields, count(*) as rows
    from new_event as n
    where
        n.unknown_fields is not null
        or n.tietoryhma not in ('-'{% for name in known %}, '{{ name }}'{% endfor %})
    group by n.tietoryhma, n.unknown_fields
),
seen as (
    select 'group' as kind, t.tietoryhma, null::varchar as name, t.rows
    from told as t
    where t.tietoryhma not in ('-'{% for name in known %}, '{{ name }}'{% endfor %})
    union all
    select 'field' as kind, t.tietoryhma, unnest(t.unknown_fields) as name, t.rows
    from told as t
),
guarded as (
    select
        s.kind,
        s.rows,
        {% for column in ('tietoryhma', 'name') %}
        case
            when s.{{ column }} is null then null
            when regexp_full_match(s.{{ column }}, '[A-Za-zÅÄÖåäö_][0-9A-Za-zÅÄÖåäö_]{0,79}') then s.{{ column }}
            else '(not a name)'
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from seen as s
)
select g.kind, g.tietoryhma, g.name, sum(g.rows)::bigint as rows
from guarded as g
group by g.kind, g.tietoryhma, g.name
