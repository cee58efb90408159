-- The rights that stand on what the program keeps: kind, name, right, to whom ('public' is
-- everybody), with what is there and nobody has a right to (right null). What somebody else owns is
-- theirs to give.
-- Parameters: schemas, group roles.
with object as (
    select
        'schema' as kind,
        format('%%I', n.nspname) as name,
        coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl,
        n.nspname as schema,
        null as relation
    from pg_namespace as n
    where n.nspname = any(%(schemas)s) and pg_has_role(n.nspowner, 'usage')
    union all
    select
        case when c.relkind = 'v' then 'view' else 'table' end as kind,
        format('%%I.%%I', n.nspname, c.relname) as name,
        coalesce(c.relacl, acldefault('r', c.relowner)) as acl,
        n.nspname as schema,
        c.relname as relation
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'p', 'v', 'm')
        and pg_has_role(c.relowner, 'usage')
    union all
    -- Rights to single columns, which nobody is given.
    select
        'column' as kind,
        format('(%%I) on %%I.%%I', a.attname, n.nspname, c.relname) as name,
        a.attacl as acl,
        n.nspname as schema,
        c.relname as relation
    from pg_attribute as a
    inner join pg_class as c on a.attrelid = c.oid
    inner join pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = any(%(schemas)s) and a.attacl is not null
        and pg_has_role(c.relowner, 'usage')
    union all
    select
        'function' as kind,
        format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name,
        coalesce(p.proacl, acldefault('f', p.proowner)) as acl,
        n.nspname as schema,
        -- A view's own function is named after the view (dbt/macros/limited_view.sql).
        p.proname as relation
    from pg_proc as p
    inner join pg_namespace as n on p.pronamespace = n.oid
    where n.nspname = 'timeline' and p.proname like '%%\_seen'
        and pg_has_role(p.proowner, 'usage')
)

select
    o.kind,
    o.name,
    o.schema::text,
    o.relation::text,
    lower(g.privilege_type) as privilege,
    coalesce(r.rolname::text, 'public') as grantee
from object as o
left join lateral (
    select
        a.privilege_type,
        a.grantee
    from aclexplode(o.acl) as a
    where
        a.grantee = 0
        or a.grantee in (select x.oid from pg_roles as x where x.rolname = any(%(groups)s))
) as g on true
left join pg_roles as r on g.grantee = r.oid
order by o.kind, o.name
