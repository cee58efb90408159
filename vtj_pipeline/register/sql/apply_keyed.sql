-- Write the differences of a table that is not folded. Runs in PostgreSQL; in: `staged`, `touched`.
-- Jinja: `table`, `keys`, `values` and both as `columns` {column: type}, `is_repair` (`staged` is the
-- whole, and what stands may have been damaged). Returns one row: removed, changed, inserted.
with removed as (
    delete from register.{{ table }} as r
    {% if not is_repair %}
    using touched as t
    {% endif %}
    where
        {% if not is_repair %}
        r.person_id = t.person_id and
        {% endif %}
        not exists (
            select 1 from staged as s
            where
                {% for name, type in keys.items() %}
                {{ 'and ' if not loop.first }}s.{{ name }}::{{ type }} = r.{{ name }}
                {% endfor %}
        )
    returning 1
),
written as (
    insert into register.{{ table }} as r (
        {% for name in columns %}{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for name, type in columns.items() %}
        s.{{ name }}::{{ type }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    on conflict ({% for name in keys %}{{ name }}{{ ', ' if not loop.last }}{% endfor %}) do update set
        {% for name in values %}
        {{ name }} = excluded.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    where (
        {% for name in values %}r.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    ) is distinct from (
        {% for name in values %}excluded.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    returning (xmax = 0) as is_new
)
select
    (select count(*) from removed) as removed,
    (select count(*) from written where not is_new) as ended,
    (select count(*) from written where is_new) as inserted
