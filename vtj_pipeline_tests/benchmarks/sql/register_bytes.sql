-- Rows and bytes of each table of the register: its rows, its indexes. Runs in PostgreSQL.
select
    c.relname,
    c.reltuples::bigint,
    pg_table_size(c.oid),
    pg_indexes_size(c.oid)
from pg_class as c
where c.relnamespace = 'register'::regnamespace and c.relkind = 'r' and c.reltuples > 0
order by pg_total_relation_size(c.oid) desc
