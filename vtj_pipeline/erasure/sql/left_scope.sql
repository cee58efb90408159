-- Who has left the scope of every subscription that ever told of them, so long ago that none of these
-- keeps them any longer. When somebody left is told by what the register knew last of home or death,
-- of a code list by when it was seen without the code; who was never in scope, by what was last
-- recorded of them. Parameters: `rules` (JSON: subscription → days), `now`.
with rule as (
    select
        r.key as subscription,
        r.value::integer as days
    from jsonb_each_text(%(rules)s::jsonb) as r
),

listed as (
    select
        m.subscription,
        coalesce(a.person_id, m.code_id) as person_id,
        max(v.seen_at) as removed_at
    from ledger.code_list_member as m
    inner join ledger.code_list_version as v on m.removed_version = v.version_id
    left join register.person_alias as a on m.code_id = a.alias_id
    group by 1, 2
),

known as (
    select
        h.person_id,
        max(h.recorded_from) as recorded_at
    from (
        select
            r.person_id,
            r.recorded_from
        from register.home_municipality as r
        where r.recorded_to is null
        union all
        select
            r.person_id,
            r.recorded_from
        from register.death as r
        where r.recorded_to is null
    ) as h
    group by h.person_id
),

judged as (
    select
        m.person_id,
        coalesce(bool_and(
            not m.is_member
            and r.days is not null
            and coalesce(l.removed_at, k.recorded_at, m.last_recorded)
            < %(now)s - make_interval(days => r.days)
        ), false) as is_over
    from register.scope_member as m
    left join rule as r on m.subscription = r.subscription
    left join known as k on m.person_id = k.person_id
    left join listed as l on m.subscription = l.subscription and m.person_id = l.person_id
    group by m.person_id
)

select i.identity_code
from judged as j
inner join register.identity_code as i on j.person_id = i.person_id and i.recorded_to is null
where j.is_over
