-- Take over rows that were staged. Runs in PostgreSQL. Jinja: `table`, `relation` (SQL), `columns` [name].
-- Returns the number of rows.
with inserted as (
    insert into register.{{ table }} (
        {% for name in columns %}{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for name in columns %}
        s.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as s
    returning 1
)
select count(*) from inserted
