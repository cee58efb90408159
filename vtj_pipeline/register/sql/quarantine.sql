{% set values = ['batch_id', 'page', 'message', 'line', 'tietoryhma', 'reason', 'subject_id'] %}
-- Keep what could not be read; in: `staged`. Runs in PostgreSQL. Jinja: `everyone` (`staged` is the
-- whole: what other rules could not read may be readable now). Returns one row: removed, changed,
-- inserted.
with faulty as (
    select distinct on (s.batch_id, s.page, s.message, s.line)
        md5(concat_ws('|', s.batch_id, s.page, s.message, s.line))::uuid as quarantine_id,
        s.batch_id, s.page, s.message, s.line, s.tietoryhma, s.reason,
        s.subject_id::uuid as subject_id
    from staged as s
    order by s.batch_id, s.page, s.message, s.line, s.reason
),
removed as (
    delete from register.quarantine as q
    where
        {{ everyone | lower }}
        and not exists (select 1 from faulty as f where f.quarantine_id = q.quarantine_id)
    returning 1
),
written as (
    insert into register.quarantine as q (
        quarantine_id, batch_id, page, message, line, tietoryhma, reason, subject_id
    )
    select
        f.quarantine_id, f.batch_id, f.page, f.message, f.line, f.tietoryhma, f.reason, f.subject_id
    from faulty as f
    on conflict (quarantine_id) do update set
        {% for name in values %}
        {{ name }} = excluded.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    where
        {% for name in values %}
        q.{{ name }} is distinct from excluded.{{ name }}{{ ' or' if not loop.last }}
        {% endfor %}
    returning (xmax = 0) as is_new
)
select
    (select count(*) from removed) as removed,
    (select count(*) from written where not is_new) as changed,
    (select count(*) from written where is_new) as inserted
