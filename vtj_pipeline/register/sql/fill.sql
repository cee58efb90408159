-- Write a table that is empty, without its indexes. Runs in PostgreSQL; in: `staged`.
-- Jinja: `table`, `columns` [Column]. Returns one row: 0, 0, inserted.
with inserted as (
    insert into register.{{ table }} (
        {% for column in columns %}{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for column in columns %}
        s.{{ column.name }}::{{ column.type }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    returning 1
)
select 0 as removed, 0 as ended, (select count(*) from inserted) as inserted
