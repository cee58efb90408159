-- Messages of changes landed for each partition day of a subscription, where the days can be held
-- against each other: the day begins where the day before it ended. One that reaches back over the
-- day before holds two days' messages. Runs in PostgreSQL. Parameters: subscription, since, until.
with placed as (
    select
        b.partition_day,
        b.unit,
        b.batch_id,
        b.first_cursor,
        b.answered,
        b.completes_partition,
        lag(b.last_cursor) over (
            partition by b.partition_day, b.unit order by b.batch_id
        ) as reached
    from ledger.landing_batch as b
    where
        b.subscription = %(subscription)s
        and b.kind = 'change'
        and b.partition_day between %(since)s and %(until)s
),

-- Where a batch does not go on from the one before it, the day was fetched again from its start.
fetched as (
    select
        p.*,
        count(*) filter (where p.reached is distinct from p.first_cursor) over (
            partition by p.partition_day, p.unit order by p.batch_id
        ) as fetching
    from placed as p
),

whole as (
    select distinct on (f.partition_day, f.unit)
        f.partition_day,
        f.unit,
        min(f.first_cursor) as first_cursor,
        sum(f.answered) as messages
    from fetched as f
    group by f.partition_day, f.unit, f.fetching
    having bool_or(f.completes_partition)
    order by f.partition_day, f.unit, f.fetching desc
),

-- The units that the newest whole fetch of the day was made of; a code list may have changed.
needed as (
    select distinct on (d.partition_day)
        d.partition_day,
        d.units
    from ledger.day_round as d
    where d.subscription = %(subscription)s and d.completed_at is not null
    order by d.partition_day, d.round_id desc
)

select
    w.partition_day,
    sum(w.messages)::bigint as messages,
    bool_and(exists (
        select 1
        from ledger.landing_batch as before
        where
            before.subscription = %(subscription)s
            and before.kind = 'change'
            and before.partition_day = w.partition_day - 1
            and before.unit = w.unit
            and before.last_cursor = w.first_cursor
    )) as is_comparable
from whole as w
left join needed as n on w.partition_day = n.partition_day
where n.units is null or w.unit = any(n.units)
group by w.partition_day
order by w.partition_day
