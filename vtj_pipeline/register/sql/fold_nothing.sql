-- The history of a table of whose groups nothing was told. Runs in DuckDB. Out: `folded`.
-- Jinja: `typed` [ColumnValue], `related`.
create or replace table folded as
select
    null::uuid as row_id,
    null::uuid as person_id,
    {% for column in typed %}
    null::{{ column.sql }} as {{ column.name }},
    {% endfor %}
    {% if related %}
    null::uuid as related_person_id,
    {% endif %}
    null::timestamptz as recorded_from,
    null::timestamptz as recorded_to,
    null::varchar as source_group,
    null::varchar as slot
where false;
