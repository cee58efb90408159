-- Keep what could not be read; in: `staged`. Runs in PostgreSQL, returns the number of new rows.
-- Jinja: `everyone` (`staged` is the whole: what other rules could not read may be readable now).
with faulty as (
    select distinct on (s.batch_id, s.page, s.message, s.line)
        md5(concat_ws('|', s.batch_id, s.page, s.message, s.line))::uuid as quarantine_id,
        s.batch_id, s.page, s.message, s.line, s.tietoryhma, s.reason,
        s.subject_id::uuid as subject_id
    from staged as s
    order by s.batch_id, s.page, s.message, s.line, s.reason
),
{% if everyone %}
readable as (
    delete from register.quarantine as q
    where not exists (select 1 from faulty as f where f.quarantine_id = q.quarantine_id)
),
{% endif %}
written as (
    insert into register.quarantine as q (
        quarantine_id, batch_id, page, message, line, tietoryhma, reason, subject_id
    )
    select
        f.quarantine_id, f.batch_id, f.page, f.message, f.line, f.tietoryhma, f.reason, f.subject_id
    from faulty as f
    on conflict (quarantine_id) do update set
        tietoryhma = excluded.tietoryhma,
        reason = excluded.reason,
        subject_id = excluded.subject_id
    where
        (q.tietoryhma, q.reason, q.subject_id)
        is distinct from (excluded.tietoryhma, excluded.reason, excluded.subject_id)
    returning (xmax = 0) as is_new
)
select count(*) from written where is_new
