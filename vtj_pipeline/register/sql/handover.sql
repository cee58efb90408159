-- One group of the old files against the interface's basic data, persons by how they agree. Runs in
-- DuckDB; in: `by_files`, `by_interface` (a table's histories as folded), `codes_in_files` and
-- `codes_in_interface` (code, person_id), since one side may know of an earlier code, and so of another
-- person_id, that the other one does not.
-- Jinja: `columns` [SQL], `groups` [source group], `by_part` (the table has one row a person, whose
-- parts are told by several groups), `has_validity`, `maskable`, `day`.
with same_person as (
    select f.person_id as files_id, min(i.person_id) as person_id
    from codes_in_files as f
    inner join codes_in_interface as i on f.code = i.code
    group by f.person_id
),
told as (
    {% for side in ('by_files', 'by_interface') %}
    select
        '{{ side }}' as side,
        coalesce(x.person_id, s.person_id) as person_id,
        md5(to_json({
            {%- for column in columns %}'c{{ loop.index }}': {{ column }}{{ ', ' if not loop.last }}{% endfor -%}
        })::varchar) as content
    from {{ side }} as s
    left join same_person as x on s.person_id = x.files_id and '{{ side }}' = 'by_files'
    where
        s.recorded_to is null
        {% if has_validity %}
        -- Of history each side has its own part.
        and (s.valid_to is null or s.valid_to > date '{{ day }}')
        {% endif %}
        {% if by_part %}
        and ({% for column in columns %}{{ column }} is not null{{ ' or ' if not loop.last }}{% endfor %})
        {% else %}
        and s.source_group in ({% for name in groups %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
        {% endif %}
        {% if maskable %}
        and s.withheld is not true
        {% endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),
person as (
    select
        t.person_id,
        md5(string_agg(t.content, ' ' order by t.content) filter (t.side = 'by_files')) as files,
        md5(string_agg(t.content, ' ' order by t.content) filter (t.side = 'by_interface')) as interface
    from told as t
    group by t.person_id
)
select
    count(*) filter (p.files = p.interface) as equal,
    count(*) filter (p.files <> p.interface) as different,
    count(*) filter (p.interface is null) as only_in_files,
    count(*) filter (p.files is null) as only_in_interface,
    -- Of these, persons of whom the other side says nothing at all.
    count(*) filter (
        p.interface is null and p.person_id not in (select i.person_id from codes_in_interface as i)
    ) as gone,
    count(*) filter (
        p.files is null and p.person_id not in (select x.person_id from same_person as x)
    ) as new
from person as p
