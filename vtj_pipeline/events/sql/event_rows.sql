-- Rows in one form → events. Runs in DuckDB. In: `formed` and `checked`, and `message` for those that
-- could not be read at all.
with canonical as (
    select
        f.* exclude (is_sound, text),
        f.text as payload,
        null::varchar[] as unknown_fields
    from formed as f
    where f.is_sound
    union all by name
    select c.*
    from checked as c
)
select
    md5(concat_ws(
        chr(31), m.subject, epoch_us(m.recorded_at), c.tietoryhma, c.change_type, c.payload,
        coalesce(c.valid_now, '')
    ))::uuid as event_id,
    m.batch,
    m.subject,
    c.tietoryhma,
    c.change_type,
    m.recorded_at,
    m.cursor,
    m.stage,
    m.page,
    m.message,
    c.line,
    -- What could not be read must not be quoted either.
    case when c.fault is null then c.payload end as payload,
    c.masked,
    case when c.fault is null then c.valid_now end as valid_now,
    c.unknown_fields,
    c.fault
from canonical as c
inner join message as m on c.message_id = m.id
union all by name
select
    m.digest::uuid as event_id,
    m.batch,
    m.subject,
    m.recorded_at,
    m.cursor,
    m.stage,
    m.page,
    m.message,
    0 as line,
    m.fault
from message as m
where m.fault is not null
