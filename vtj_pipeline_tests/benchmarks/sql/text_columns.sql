-- The columns of a table of the register, every uuid as text. Runs in PostgreSQL.
select string_agg(
    case
        when a.atttypid = 'uuid'::regtype then format('%1$I::text as %1$I', a.attname)
        else quote_ident(a.attname)
    end, ', '
    order by a.attnum
)
from pg_attribute as a
where a.attrelid = 'register.{table}'::regclass and a.attnum > 0 and not a.attisdropped
