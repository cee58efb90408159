-- The columns of a table of the register, widest alignment first. Runs in PostgreSQL.
select string_agg(
    quote_ident(a.attname), ', '
    order by strpos('dics', t.typalign::text), a.attlen < 0, a.attnum
)
from pg_attribute as a
inner join pg_type as t on a.atttypid = t.oid
where a.attrelid = 'register.{table}'::regclass and a.attnum > 0 and not a.attisdropped
