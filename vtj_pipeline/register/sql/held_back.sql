-- What could not be read and still matters, by reason, and how much of it names no subject. Runs in
-- PostgreSQL. What is a person's matters while they are to be asked for on its account; what is
-- nobody's, until a whole baseline of the subscription has been fetched later.
select
    -- Of an old file the reason has the line; here it is told how often, and the quarantine has them.
    regexp_replace(q.reason, ', line [0-9]+:', ':') as reason,
    count(*) as rows,
    count(*) filter (where q.person_id is null) as nobodys
from register.quarantine as q
inner join ledger.landing_batch as b on q.batch_id = b.batch_id
where
    exists (
        select 1 from register.refresh_request as w
        where w.person_id = q.person_id and w.reason = 'quarantine'
    )
    or (
        q.person_id is null
        and not exists (
            select 1 from ledger.baseline_round as n
            where
                n.subscription = b.subscription
                and n.started_at > b.landed_at
                and n.completed_at is not null
        )
    )
group by 1
order by 1
