-- Rows in one form → events. Runs in DuckDB. In: `canonical`, and `message` for those that could not
-- be read at all.
with hashed as (
    select
        c.*,
        md5(concat_ws(
            chr(31), c.subject, epoch_us(c.recorded_at), c.tietoryhma, c.change_type, c.payload,
            coalesce(c.valid_now, '')
        )) as digest
    from canonical as c
),
-- The same row twice in one message is told twice.
repeated as (
    select h.batch, h.cursor, h.page, h.message, h.digest
    from hashed as h
    group by all
    having count(*) > 1
),
occurring as (
    select
        h.*,
        row_number() over (
            partition by h.batch, h.cursor, h.page, h.message, h.digest order by h.line
        ) as occurrence
    from hashed as h
    semi join repeated as r
        on
            h.batch = r.batch
            and h.cursor = r.cursor
            and h.page = r.page
            and h.message = r.message
            and h.digest = r.digest
)
select
    case
        when coalesce(o.occurrence, 1) = 1 then h.digest::uuid
        else md5(h.digest || o.occurrence)::uuid
    end as event_id,
    h.batch,
    h.subject,
    h.tietoryhma,
    h.change_type,
    h.recorded_at,
    h.cursor,
    h.stage,
    h.page,
    h.message,
    h.line,
    -- What could not be read must not be quoted either.
    case when h.fault is null then h.payload end as payload,
    h.masked,
    case when h.fault is null then h.valid_now end as valid_now,
    h.unknown_fields,
    h.fault
from hashed as h
left join occurring as o
    on
        h.batch = o.batch
        and h.cursor = o.cursor
        and h.page = o.page
        and h.message = o.message
        and h.line = o.line
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
