-- Remove rows, and end rows otherwise. Runs in PostgreSQL; in: `gone` (row_id), `ended` (row_id,
-- recorded_to and, `with_relations`, related_person_id). Jinja: `table`, `with_relations`.
-- Returns one row: removed, ended.
with removed as (
    delete from register.{{ table }} as r
    using gone as g
    where r.row_id = g.row_id
    returning 1
),
changed as (
    update register.{{ table }} as r
    set
        {% if with_relations %}
        related_person_id = e.related_person_id,
        {% endif %}
        recorded_to = e.recorded_to
    from ended as e
    where r.row_id = e.row_id
    returning 1
)
select
    (select count(*) from removed) as removed,
    (select count(*) from changed) as ended
