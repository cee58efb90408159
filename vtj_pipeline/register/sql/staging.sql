-- Tables for what the tasks of one publication have folded, until it is published. Runs in PostgreSQL.
-- Jinja: `schema`, `tables` {name: SQL of its columns}. `attempt` tells one task's rows from those of
-- another that did the same again; nothing survives a crash of the server, nor should it.
create schema {{ schema }};
{% for name, columns in tables.items() %}
create unlogged table {{ schema }}.{{ name }} as
select 0::bigint as attempt, {{ columns }} with no data;
{% endfor %}
