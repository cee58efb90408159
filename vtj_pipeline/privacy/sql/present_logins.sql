-- Logins that hold a role here, or that may come into this database by name: what they hold by the
-- table, and what they have in the cluster. Parameter: group roles.
with held as (
    select
        g.login,
        array_agg(distinct g.role) as roles
    from audit.role_grant as g
    where audit.in_force(g.ends_at, g.revoked_at)
    group by g.login
),

connectable as (
    select
        d.datname,
        a.grantee
    from pg_database as d
    cross join lateral aclexplode(d.datacl) as a
    where a.privilege_type = 'CONNECT' and a.grantee <> 0
),

known as (
    select h.login
    from held as h
    union
    select g.login
    from audit.role_grant as g
)

select
    k.login,
    r.oid is not null as is_there,
    coalesce(h.roles, '{}') as held,
    coalesce(
        (
            select array_agg(m.rolname::text order by m.rolname)
            from pg_auth_members as e
            inner join pg_roles as m on e.roleid = m.oid
            where e.member = r.oid and m.rolname = any(%(groups)s)
        ),
        '{}'
    ) as groups,
    exists (
        select 1 from connectable as c
        where c.grantee = r.oid and c.datname = current_database()
    ) as may_connect,
    exists (
        select 1 from connectable as c
        where c.grantee = r.oid and c.datname <> current_database()
    ) as is_elsewhere
from known as k
left join held as h on k.login = h.login
left join pg_roles as r on k.login = r.rolname
order by k.login
