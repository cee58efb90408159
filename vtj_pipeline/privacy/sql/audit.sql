-- Who may see what and until when, and who saw what: the schema `audit`. As a database gets it that has none; one
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

create table audit.read_access (
    read_id bigint generated always as identity primary key,
    read_at timestamptz not null default clock_timestamp(),
    login text not null,
    relation text not null,
    rows_shown bigint not null,
    municipalities text [] not null,
    valid_at date,
    recorded_at timestamptz
);
create index read_access_read_at on audit.read_access (read_at);
comment on table audit.read_access is
'One row for each time that a login was shown rows of persons by a view: how many at most, of which '
'municipalities, as of which settings. Kept five years; nobody changes a row.';

create function audit.keep_reads() returns trigger
language plpgsql
as $body$
begin
    if tg_op = 'DELETE' and old.read_at < clock_timestamp() - interval '5 years' then
        return old;
    end if;
    raise exception 'audit.read_access is kept five years, and nobody changes it: % refused.', tg_op
    using errcode = 'insufficient_privilege';
end
$body$;
create trigger keep_reads before update or delete on audit.read_access
for each row execute function audit.keep_reads();
create trigger keep_all_reads before truncate on audit.read_access
for each statement execute function audit.keep_reads();

create function audit.require_a_record() returns void
language plpgsql stable parallel unsafe
as $body$
begin
    -- A standby writes nothing: there the server's log alone keeps who read what.
    if current_setting('transaction_read_only')::boolean and not pg_is_in_recovery() then
        raise exception
            'Nothing was shown: who reads of persons is recorded, and this transaction is READ ONLY.'
        using
            errcode = 'read_only_sql_transaction',
            hint = 'Begin it READ WRITE (set default_transaction_read_only = off; of a driver: '
            || 'readOnly=false). Nothing but that record is written.';
    end if;
end
$body$;
comment on function audit.require_a_record() is
'Refuses to show persons in a transaction that cannot keep who was shown them.';

create function audit.note_read(relation text, rows_shown bigint, codes text []) returns void
language plpgsql volatile parallel unsafe security definer
set search_path = pg_catalog, pg_temp
as $body$
declare
    -- Whoever sees all may ask for any text as a municipality: none but a code is kept.
    places constant text[] := array(
        select c from unnest(codes) as c where c ~ '^([0-9]{3}|all)$' order by c
    );
    day constant date := nullif(current_setting('vtj.valid_at', true), '')::date;
    moment constant timestamptz := nullif(current_setting('vtj.recorded_at', true), '')::timestamptz;
begin
    -- Stays where the transaction is rolled back, and no reader turns it off.
    raise log 'vtj-pipeline: rows of persons were shown: %', jsonb_build_object(
        'login', session_user, 'relation', relation, 'rows_shown', rows_shown,
        'municipalities', places, 'valid_at', day, 'recorded_at', moment
    );
    if not pg_is_in_recovery() then
        insert into audit.read_access (
            login, relation, rows_shown, municipalities, valid_at, recorded_at
        )
        values (session_user, relation, rows_shown, places, day, moment);
    end if;
end
$body$;
comment on function audit.note_read(text, bigint, text []) is
'Keeps that the login was shown rows by a view: in audit.read_access, and in the server''s log.';
revoke execute on function audit.note_read(text, bigint, text []) from public;

create table audit.erasure (
    erasure_id bigint generated always as identity primary key,
    kind text not null check (kind in ('request', 'retention')),
    reason text not null,
    asked_by text not null default session_user,
    begun_at timestamptz not null,
    persons integer not null,
    completed_at timestamptz,
    receipt jsonb
);
comment on table audit.erasure is
'One row for each erasure: how many persons, why, and the receipt, which names nobody.';
