-- The persons of a subscription whose basic data are due, each once. Runs in PostgreSQL.
-- Jinja: `reasons`, the most pressing first; `past_end`, the reason that comes with a day; `absent`.
-- Parameters: subscription, today (a day in Finland), days (until a request is asked again).
with past_end as (
    select
        p.person_id,
        '{{ past_end }}' as reason,
        -- The order's last day is over: the first moment at which an answer can tell more.
        (max(p.ends_on) + 1)::timestamp at time zone 'Europe/Helsinki' as recorded_at
    from register.protection_order as p
    where p.recorded_to is null and p.is_active and p.ends_on < %(today)s
    group by p.person_id
),
absent as (
    -- Whom an answer left out is asked for again, and neither deleted nor forgotten.
    select n.person_id, '{{ absent }}' as reason, n.first_asked_at as recorded_at
    from ledger.not_answered as n
    where
        n.subscription = %(subscription)s
        and n.tietoryhma = ''
        and n.settled_at is null
        and (n.last_asked_at at time zone 'Europe/Helsinki')::date + %(days)s <= %(today)s
),
request as (
    select r.person_id, r.reason, r.recorded_at
    from register.refresh_request as r
    union all
    select e.person_id, e.reason, e.recorded_at
    from past_end as e
    where not exists (
        select 1
        from ledger.refresh_asked as a
        where a.person_id = e.person_id and a.was_answered and a.asked_at >= e.recorded_at
    )
    union all
    select b.person_id, b.reason, b.recorded_at
    from absent as b
),
known as (
    select
        r.person_id,
        r.reason,
        r.recorded_at,
        array_position(array{{ reasons }}::text[], r.reason) as urgency,
        -- An answer to another subscription settles a request too; being missing from one does not.
        exists (
            select 1
            from ledger.refresh_asked as a
            where
                a.person_id = r.person_id
                and a.reason = r.reason
                and a.recorded_at = r.recorded_at
                and (a.subscription = %(subscription)s or a.was_answered)
                and (a.asked_at at time zone 'Europe/Helsinki')::date + %(days)s > %(today)s
        ) as was_asked
    from request as r
    inner join register.scope_member as m
        on
            r.person_id = m.person_id
            and m.subscription = %(subscription)s
            and m.is_member
)
select
    k.person_id::text as person_id,
    p.identity_code,
    array_agg(k.reason order by k.urgency, k.reason) as reasons,
    array_agg(k.recorded_at order by k.urgency, k.reason) as recorded_at
from known as k
inner join register.person as p on k.person_id = p.person_id
group by k.person_id, p.identity_code
having not bool_and(k.was_asked)
order by min(k.urgency), k.person_id
