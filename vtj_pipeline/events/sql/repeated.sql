-- The same row twice in one message is told twice: all but the first of them get an id of their own.
-- Runs in DuckDB. In and out: `event`.
with twice as (
    -- A hash that two others share costs a look, no more.
    select hash(e.batch, e.cursor, e.page, e.message, e.event_id) as place
    from event as e
    group by place
    having count(*) > 1
),
occurring as (
    select
        e.batch,
        e.cursor,
        e.page,
        e.message,
        e.line,
        row_number() over (
            partition by e.batch, e.cursor, e.page, e.message, e.event_id order by e.line
        ) as occurrence
    from event as e
    semi join twice as t on hash(e.batch, e.cursor, e.page, e.message, e.event_id) = t.place
)
update event
set event_id = md5(replace(event.event_id::varchar, '-', '') || o.occurrence)::uuid
from occurring as o
where
    o.occurrence > 1
    and event.batch = o.batch
    and event.cursor = o.cursor
    and event.page = o.page
    and event.message = o.message
    and event.line = o.line
