-- Make the rows of the touched persons those that were staged, of which `row_id` tells the content. Runs
-- in PostgreSQL; in: `touched` unless `everyone`. Jinja: `table`, `relation` (SQL), `columns` [name],
-- `everyone`, `with_relations` (whether who a related person is counts as well).
-- Returns one row: removed, ended, inserted.
with staged as materialized (
    select
        {% for name in columns %}
        s.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as s
),
removed as (
    delete from register.{{ table }} as r
    {% if not everyone %}
    using touched as t
    {% endif %}
    where
        {% if not everyone %}
        r.person_id = t.person_id and
        {% endif %}
        not exists (select 1 from staged as s where s.row_id = r.row_id)
    returning 1
),
changed as (
    update register.{{ table }} as r
    set
        {% if with_relations %}
        related_person_id = s.related_person_id,
        {% endif %}
        recorded_to = s.recorded_to
    from staged as s
    where
        r.row_id = s.row_id
        and (
            r.recorded_to is distinct from s.recorded_to
            {% if with_relations %}
            or r.related_person_id is distinct from s.related_person_id
            {% endif %}
        )
    returning 1
),
inserted as (
    insert into register.{{ table }} (
        {% for name in columns %}{{ name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for name in columns %}
        s.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    where not exists (select 1 from register.{{ table }} as r where r.row_id = s.row_id)
    returning 1
)
select
    (select count(*) from removed) as removed,
    (select count(*) from changed) as ended,
    (select count(*) from inserted) as inserted
