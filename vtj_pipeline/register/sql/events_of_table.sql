-- The events that one table is folded from: of its groups, and of whom is folded in it. Runs in DuckDB.
-- In: `told_event`, the list of the files of its groups in the variable `table_files`; with `narrows`
-- `settled`, `touched_in`, `group_table`. Out: `person_event`. Jinja: `table`, `groups` [name], `other_group`,
-- `narrows`, `has_files`.
{% if not narrows %}
create or replace temp view person_event as
{% if has_files %}
select * from read_parquet(getvariable('table_files'), hive_partitioning = false);
{% else %}
select * from told_event where false;
{% endif %}
{% else %}
create or replace temp table person_event as
select e.*
from told_event as e
where
    (
        e.person_id not in (select s.person_id from settled as s)
        or e.person_id in (
            select i.person_id from touched_in as i where i.table_name = '{{ table }}'
        )
    )
    {% if table != 'identity_code' %}
    -- Every message tells that its code is in use.
    and (
        e.tietoryhma in ('-'{% for group in groups %}, '{{ group }}'{% endfor %})
        {% if table == other_group %}
        or e.tietoryhma not in (select g.tietoryhma from group_table as g)
        {% endif %}
    )
    {% endif %};
{% endif %}
