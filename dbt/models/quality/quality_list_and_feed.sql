with newest_version as (
    select
        v.subscription,
        max(v.seen_at) as as_of
    from {{ source('ledger', 'code_list_version') }} as v
    group by v.subscription
),

listed as (
    -- Two codes of one person are one person.
    select distinct
        l.subscription,
        coalesce(a.person_id, l.code_id) as person_id
    from {{ source('ledger', 'code_list_member') }} as l
    left join {{ source('register', 'person_alias') }} as a on l.code_id = a.alias_id
    where l.removed_version is null
),

removed as (
    select
        l.subscription,
        coalesce(a.person_id, l.code_id) as person_id,
        max(v.seen_at) as removed_at
    from {{ source('ledger', 'code_list_member') }} as l
    inner join {{ source('ledger', 'code_list_version') }} as v on l.removed_version = v.version_id
    left join {{ source('register', 'person_alias') }} as a on l.code_id = a.alias_id
    group by l.subscription, coalesce(a.person_id, l.code_id)
),

listed_count as (
    select
        l.subscription,
        count(*) as persons_listed,
        count(*) filter (where m.person_id is null) as listed_not_told
    from listed as l
    left join {{ source('register', 'scope_member') }} as m
        on l.subscription = m.subscription and l.person_id = m.person_id
    group by l.subscription
),

told_count as (
    select
        m.subscription,
        count(*) as told_not_listed
    from {{ source('register', 'scope_member') }} as m
    left join listed as l on m.subscription = l.subscription and m.person_id = l.person_id
    left join removed as r on m.subscription = r.subscription and m.person_id = r.person_id
    where
        m.subscription in (select v.subscription from newest_version as v)
        and l.person_id is null
        -- What was told before the list lost the person is as it should be.
        and (r.removed_at is null or m.last_recorded > r.removed_at)
    group by m.subscription
),

newest_reconciliation as (
    select distinct on (r.subscription)
        r.subscription,
        r.compared_at,
        r.members,
        r.absent
    from {{ source('ledger', 'reconciliation') }} as r
    where r.sample is null
    order by r.subscription asc, r.reconciliation_id desc
)

select
    v.subscription,
    'code_list' as list_kind,
    v.as_of,
    coalesce(c.persons_listed, 0) as persons_listed,
    coalesce(c.listed_not_told, 0) as listed_not_told,
    coalesce(t.told_not_listed, 0) as told_not_listed
from newest_version as v
left join listed_count as c on v.subscription = c.subscription
left join told_count as t on v.subscription = t.subscription
union all
select
    r.subscription,
    'area' as list_kind,
    r.compared_at as as_of,
    r.members - r.absent as persons_listed,
    null as listed_not_told,
    r.absent as told_not_listed
from newest_reconciliation as r
where r.subscription not in (select v.subscription from newest_version as v)
