-- What is open is the pipeline's own rule, register/sql/held_back.sql; a test holds them equal.
with open_message as (
    select
        q.reason,
        q.tietoryhma,
        q.person_id,
        b.landed_at,
        count(*) as held_rows
    from {{ source('register', 'quarantine') }} as q
    inner join {{ source('ledger', 'landing_batch') }} as b on q.batch_id = b.batch_id
    where
        exists (
            select 1
            from {{ source('register', 'refresh_request') }} as w
            where w.person_id = q.person_id and w.reason = 'quarantine'
        )
        or (
            q.person_id is null
            and not exists (
                select 1
                from {{ source('ledger', 'baseline_round') }} as n
                where
                    n.subscription = b.subscription
                    and n.started_at > b.landed_at
                    and n.completed_at is not null
            )
        )
    group by
        q.reason, q.tietoryhma, q.person_id, b.landed_at, q.batch_id, q.page, q.message
)

select
    m.reason,
    m.tietoryhma,
    count(*) as messages,
    sum(m.held_rows) as held_rows,
    count(distinct m.person_id) as persons,
    count(*) filter (where m.person_id is null) as messages_of_nobody,
    min(m.landed_at) as oldest_landed_at,
    {{ age_in_days('min(m.landed_at)') }} as age_days
from open_message as m
group by m.reason, m.tietoryhma
