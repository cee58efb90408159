-- Row security as it stands on the tables of some schemas, and what their policies say.
-- Parameter: schemas.
select
    n.nspname::text as schema,
    c.relname::text as name,
    c.relrowsecurity,
    coalesce(
        (
            select array_agg(p.polname::text order by p.polname)
            from pg_policy as p
            where p.polrelid = c.oid
        ),
        '{}'
    ) as policies
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'p')
    and pg_has_role(c.relowner, 'usage')
order by 1, 2
