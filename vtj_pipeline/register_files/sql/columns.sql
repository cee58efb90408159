-- The views of some schemas with their columns and types. Runs in PostgreSQL.
select
    n.nspname || '.' || c.relname as view_name,
    a.attname as column_name,
    format_type(a.atttypid, null) as type
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
where n.nspname = any(%s) and c.relkind in ('v', 'm', 'r') and a.attnum > 0 and not a.attisdropped
order by 1, a.attnum
