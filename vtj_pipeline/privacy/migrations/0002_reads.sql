-- Who was shown rows of persons, kept by the views themselves.
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
