-- Write the differences between what was folded and what stands. Runs in PostgreSQL.
-- In: temporary tables `staged` and `touched` (person_id). Jinja: `table`, `columns` [Column],
-- `is_related` (whether `staged` knows of every related person who they are), `is_repair` (`staged`
-- is the whole, and what stands may have been damaged: no row_id vouches for its row).
-- Returns one row: removed, ended, inserted.
{% set written = columns | rejectattr('name', 'equalto', 'row_id') | list if is_repair else [] %}
with removed as (
    delete from register.{{ table }} as r
    {% if not is_repair %}
    using touched as t
    {% endif %}
    where
        {% if not is_repair %}
        r.person_id = t.person_id::uuid and
        {% endif %}
        not exists (select 1 from staged as s where s.row_id::uuid = r.row_id)
    returning 1
),
ended as (
    update register.{{ table }} as r
    set
        {% if is_repair %}
        {% for column in written %}
        {{ column.name }} = s.{{ column.name }}::{{ column.type }}{{ ',' if not loop.last }}
        {% endfor %}
        {% else %}
        recorded_to = s.recorded_to
        {%- if is_related %},
        related_person_id = s.related_person_id::uuid
        {%- endif %}

        {% endif %}
    from staged as s
    where
        r.row_id = s.row_id::uuid
        and (
            {% if is_repair %}
            {% for column in written %}
            r.{{ column.name }} is distinct from s.{{ column.name }}::{{ column.type }}
            {{- ' or' if not loop.last }}
            {% endfor %}
            {% else %}
            r.recorded_to is distinct from s.recorded_to
            {%- if is_related %}

            or r.related_person_id is distinct from s.related_person_id::uuid
            {%- endif %}

            {% endif %}
        )
    returning 1
),
inserted as (
    insert into register.{{ table }} (
        {% for column in columns %}{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}
    )
    select
        {% for column in columns %}
        s.{{ column.name }}::{{ column.type }}{{ ',' if not loop.last }}
        {% endfor %}
    from staged as s
    where not exists (select 1 from register.{{ table }} as r where r.row_id = s.row_id::uuid)
    returning 1
)
select
    (select count(*) from removed) as removed,
    (select count(*) from ended) as ended,
    (select count(*) from inserted) as inserted
