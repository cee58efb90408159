-- How many rows a table of the register has, and a sum of their hashes. Runs in PostgreSQL.
select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from register.{table} as t
