-- Keep what could not be read; in: `staged`. Runs in PostgreSQL, returns the number of new rows.
with inserted as (
    insert into register.quarantine (
        quarantine_id, batch_id, page, message, line, tietoryhma, reason, subject_id
    )
    select
        md5(concat_ws('|', s.batch_id, s.page, s.message, s.line))::uuid,
        s.batch_id, s.page, s.message, s.line, s.tietoryhma, s.reason, s.subject_id::uuid
    from staged as s
    on conflict do nothing
    returning 1
)
select count(*) from inserted
