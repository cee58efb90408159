-- Make what stands, which may have been damaged, what was folded: no row_id vouches for its row. Runs
-- in PostgreSQL; in: `staged`, the whole. Jinja: `table`, `columns` [Column].
-- Returns one row: removed, changed, inserted.
{% set written = columns | rejectattr('name', 'equalto', 'row_id') | list %}
with removed as (
    delete from register.{{ table }} as r
    where not exists (select 1 from staged as s where s.row_id = r.row_id)
    returning 1
),
changed as (
    update register.{{ table }} as r
    set
        {% for column in written %}
        {{ column.name }} = s.{{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    where
        r.row_id = s.row_id
        and (
            {% for column in written %}
            r.{{ column.name }} is distinct from s.{{ column.name }}
            {{- ' or' if not loop.last }}
            {% endfor %}
        )
    returning 1
),
inserted as (
    insert into register.{{ table }} (
        {% for column in columns %}{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for column in columns %}
        s.{{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    where not exists (select 1 from register.{{ table }} as r where r.row_id = s.row_id)
    returning 1
)
select
    (select count(*) from removed) as removed,
    (select count(*) from changed) as ended,
    (select count(*) from inserted) as inserted
