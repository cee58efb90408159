-- Who may see what, and until when: the schema `audit`. As a database gets it that has none; one
-- that has an earlier one comes here by `../migrations/`: change both together.
create schema if not exists audit;

create table audit.schema_version (
    version integer primary key,
    name text not null,
    program text not null,
    applied_at timestamptz not null default now()
);
comment on table audit.schema_version is
'One row for each version of these tables that this database has come through.';

create table audit.role_grant (
    grant_id bigint generated always as identity primary key,
    login text not null,
    role text not null,
    municipalities text [] not null default '{}',
    reason text,
    granted_at timestamptz not null default now(),
    granted_by text not null,
    ends_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    constraint municipality_codes check (
        array_to_string(municipalities, ',') ~ '^(all|([0-9]{3}(,[0-9]{3})*)?)$'
    ),
    -- Whom it is given to, why and for how long is written down before anybody sees where a
    -- protected person is.
    constraint protected_ends check (
        role <> 'protected' or (ends_at is not null and reason is not null)
    )
);
create index role_grant_login on audit.role_grant (login);
comment on table audit.role_grant is
'One row for each role that a login was given, with the municipalities that it sees; in force until '
'ends_at or revoked_at. Never deleted.';

-- The functions below decide what is read. They ask for the login that the session began with: no
-- `set role`, and no function or view of somebody else, makes another one of it. Their bodies are
-- parsed once, here: no search_path of a reader changes what their names mean.

create function audit.is_owner() returns boolean
language sql stable parallel safe
begin atomic
    select coalesce(bool_or(pg_has_role(r.oid, 'usage')), false)
    from pg_roles as r
    where
        r.rolname = 'vtj_owner'
        or r.oid = (select c.relowner from pg_class as c where c.oid = 'audit.role_grant'::regclass);
end;
comment on function audit.is_owner() is
'The session has the rights of who owns the tables, and could read them all without any view.';

create function audit.in_force(ends_at timestamptz, revoked_at timestamptz) returns boolean
language sql volatile parallel safe
begin atomic
    -- The clock's own time, and not the transaction''s: one that began before the end ends too.
    select revoked_at is null and (ends_at is null or ends_at > clock_timestamp());
end;
comment on function audit.in_force(timestamptz, timestamptz) is
'A grant with this end counts at this very moment.';

create function audit.holds(variadic roles text []) returns boolean
language sql stable parallel safe security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select exists (
        select 1
        from audit.role_grant as g
        where
            g.login = session_user
            and g.role = any(roles)
            and audit.in_force(g.ends_at, g.revoked_at)
    );
end;
comment on function audit.holds(text []) is
'The login holds one of these roles in this database now.';

create function audit.seen(role text) returns text []
language sql stable parallel safe security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with granted as (
        select distinct unnest(g.municipalities) as code
        from audit.role_grant as g
        where
            g.login = session_user
            and g.role = seen.role
            and audit.in_force(g.ends_at, g.revoked_at)
    ),

    asked as (
        select string_to_array(
            replace(nullif(current_setting('vtj.municipality', true), ''), ' ', ''), ','
        ) as codes
    )

    select coalesce(array_agg(distinct c.code), '{}')
    from asked as a
    cross join lateral (
        select g.code
        from granted as g
        where a.codes is null or g.code = any(a.codes)
        union all
        select w.code
        from unnest(a.codes) as w (code)
        where exists (select 1 from granted as g where g.code = 'all')
    ) as c;
end;
comment on function audit.seen(text) is
'The municipalities that the login sees in this role now; {all} is all of them, and {} none. '
'`set vtj.municipality = ''091, 049''` asks for some of them only.';
