-- The group roles that the cluster has, and whether the session may give them to others.
-- Parameter: group roles.
select
    r.rolname::text as name,
    not (
        r.rolcanlogin or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication
        or r.rolbypassrls
    ) as is_harmless,
    pg_has_role(r.oid, 'member with admin option') as may_give,
    pg_has_role(r.oid, 'usage') as is_member
from pg_roles as r
where r.rolname = any(%(groups)s)
