-- What the chain of cursors of one subscription is made of. Runs in PostgreSQL; three statements,
-- parted by lines of dashes. Parameter: subscription.
select
    b.partition_day,
    b.unit,
    b.first_cursor,
    b.last_cursor,
    b.completes_partition,
    coalesce(b.caught_up, false) as caught_up,
    b.fetched_to,
    b.landed_at,
    b.run_id,
    -- An answer that does not begin where the one before it ended; there should be none.
    (
        select min(c.cursor_in)
        from (
            select k.cursor_in, lag(k.cursor_out) over (order by k.sequence) as reached
            from ledger.call as k
            where k.batch_id = b.batch_id
        ) as c
        where c.cursor_in > c.reached
    ) as torn_at
from ledger.landing_batch as b
where b.subscription = %(subscription)s and b.kind = 'change' and b.partition_day is not null
order by b.partition_day, b.unit, b.batch_id
----
select distinct on (d.partition_day)
    d.partition_day,
    d.units,
    d.run_id,
    d.completed_at
from ledger.day_round as d
where d.subscription = %(subscription)s
order by d.partition_day, d.completed_at is null, d.round_id desc
----
select
    r.run_id,
    r.completed_at,
    min(b.first_cursor) as cursor,
    min(coalesce(c.extraction_date, (c.fetched_at at time zone 'Europe/Helsinki')::date)) as day
from ledger.baseline_round as r
inner join ledger.landing_batch as b on r.round_id = b.round_id
inner join ledger.call as c on b.batch_id = c.batch_id
where r.subscription = %(subscription)s and r.completed_at is not null
group by r.round_id
order by r.round_id
