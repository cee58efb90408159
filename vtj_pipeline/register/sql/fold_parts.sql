-- Events → the history of one table with a row a person, whose parts are carried forward side by
-- side. Runs in DuckDB. In: `person_event`, `absent`. Out: `folded`.
-- Jinja: `table`, `columns` [name], `related`, `owner` {column: expression}, `groups`
-- (fold_values.GroupValues; `unchanged`: columns in which `unchanged_text` leaves what stood).
create or replace temp table operation as
{% for g in groups %}
select
    e.person_id, e.step, e.line, e.place, e.at, '{{ g.part }}' as part, '{{ g.name }}' as source_group,
    case when e.op = 'drop' then 1 else 2 end as phase,
    {
        'is_there': e.op = 'put',
        {% for column in g.columns %}
        '{{ column.name }}': case when e.op = 'put' then {{ column.sql }} end{{ ',' if not loop.last }}
        {% endfor %}
    } as {{ g.part }}
from (
    select
        p.*,
        0 as place,
        case when p.change_type in ('POISTETTU', 'KORJATTAVA') then 'drop' else 'put' end as op,
        from_json(p.payload, '{{ g.structure }}') as r
    from person_event as p
    where
        {{ g.filter }}
        and not p.held
        and not p.masked
        and p.change_type <> 'LISATIETO'
    union all
    select
        p.*,
        generate_subscripts(from_json(p.valid_now, '["JSON"]'), 1) as place,
        'put' as op,
        unnest(from_json(p.valid_now, '[{{ g.structure }}]')) as r
    from person_event as p
    where
        {{ g.filter }}
        and not p.held
        and not p.masked
        and p.change_type <> 'LISATIETO'
        and p.valid_now is not null
) as e
where {{ g.condition }}
union all by name
select
    a.person_id, a.step, 0 as line, 0 as place, a.at, '{{ g.part }}' as part, '{{ g.name }}' as source_group,
    1 as phase,
    {
        'is_there': false,
        {% for column in g.columns %}
        '{{ column.name }}': null{{ ',' if not loop.last }}
        {% endfor %}
    } as {{ g.part }}
from absent as a
where a.tietoryhma = '{{ g.name }}'
{{ 'union all by name' if not loop.last }}
{% endfor %};

-- Whose parts were told once, and all together, needs no order.
create or replace temp table crowded as
select o.person_id
from operation as o
group by o.person_id
having count(*) > count(distinct o.part) or min(o.step) <> max(o.step);

{% macro stated(source, next_at) %}
select
    c.person_id, c.source_group, '{{ table.name }}' as slot, '' as key,
    {% for column in columns %}
    {{ owner[column] }} as {{ column }},
    {% endfor %}
    c.at as recorded_from,
    {{ next_at }} as recorded_to
from {{ source }} as c
where
    {% for g in groups %}
    {{ 'or ' if not loop.first }}coalesce(c.{{ g.part }}.is_there, false)
    {% endfor %}
{% endmacro %}
create or replace table folded as
with in_order as (
    select
        o.*,
        -- Answers of one moment have lines of the same number.
        concat_ws(chr(31){% for g in groups %}, to_json(o.{{ g.part }})::varchar{% endfor %}) as content
    from operation as o
    semi join crowded as w on o.person_id = w.person_id
),
{% if groups | selectattr('unchanged') | list %}
-- Only old files say of a column that what stood stays.
filled as (
    select
        o.* replace (
            {% for g in groups if g.unchanged %}
            case when o.{{ g.part }} is not null then {
                'is_there': o.{{ g.part }}.is_there,
                {% for column in g.columns %}
                {% if column.name in g.unchanged %}
                '{{ column.name }}': case
                    when o.{{ g.part }}.{{ column.name }} = '{{ unchanged_text }}'
                        then last_value(nullif(o.{{ g.part }}.{{ column.name }}, '{{ unchanged_text }}') ignore nulls) over sofar
                    else o.{{ g.part }}.{{ column.name }}
                end{{ ',' if not loop.last }}
                {% else %}
                '{{ column.name }}': o.{{ g.part }}.{{ column.name }}{{ ',' if not loop.last }}
                {% endif %}
                {% endfor %}
            } end as {{ g.part }}{{ ',' if not loop.last }}
            {% endfor %}
        )
    from in_order as o
    window sofar as (
        partition by o.person_id order by o.step, o.phase, o.line, o.place, o.part, o.content, o.source_group
        rows between unbounded preceding and current row
    )
),
{% endif %}
carried as (
    select
        o.person_id, o.at, o.step, o.phase, o.line, o.place, o.source_group,
        {% for g in groups %}
        last_value(o.{{ g.part }} ignore nulls) over sofar as {{ g.part }},
        {% endfor %}
        lead(o.at) over (
            partition by o.person_id order by o.step, o.phase, o.line, o.place, o.part, o.content, o.source_group
        ) as next_at
    from {{ 'filled' if groups | selectattr('unchanged') | list else 'in_order' }} as o
    window sofar as (
        partition by o.person_id order by o.step, o.phase, o.line, o.place, o.part, o.content, o.source_group
        rows between unbounded preceding and current row
    )
),
resolved as (
{{ stated('carried', 'c.next_at') }}
),
{% include 'fold_merge.sql' %}

union all by name
select
    {% import 'row.sql' as row %}
    {{ row.columns(table.name, columns, related, 'o', 'o.recorded_from', 'o.recorded_to') }}
from (
    with told_once as (
        select
            o.person_id,
            any_value(o.at) as at,
            arg_max(o.source_group, (o.phase, o.line, o.place, o.part)) as source_group,
            {% for g in groups %}
            any_value(o.{{ g.part }}) as {{ g.part }}{{ ',' if not loop.last }}
            {% endfor %}
        from operation as o
        anti join crowded as w on o.person_id = w.person_id
        group by o.person_id
    )
    {{ stated('told_once', 'null::timestamptz') }}
) as o
{{ row.relation(related, 'o') }};
