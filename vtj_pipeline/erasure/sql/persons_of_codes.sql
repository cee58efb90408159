-- The persons who have some codes now, with all their codes and all the person_ids that they may have
-- been known by, and how many of their codes are somebody else's as well. Parameter: codes.
with named as (
    select distinct i.person_id
    from register.identity_code as i
    where i.identity_code = any(%(codes)s) and i.recorded_to is null
),

owned as (
    select distinct i.identity_code
    from register.identity_code as i
    inner join named as n on i.person_id = n.person_id
    where i.recorded_to is null
)

select
    coalesce((select array_agg(n.person_id::text) from named as n), '{}') as persons,
    coalesce((select array_agg(o.identity_code) from owned as o), '{}') as codes,
    coalesce(
        (
            select array_agg(a.alias_id::text)
            from register.person_alias as a
            inner join named as n on a.person_id = n.person_id
        ),
        '{}'
    ) as aliases,
    (
        select count(*)
        from (
            select i.identity_code
            from register.identity_code as i
            inner join owned as o on i.identity_code = o.identity_code
            where i.recorded_to is null
            group by i.identity_code
            having count(distinct i.person_id) > 1
        ) as s
    ) as shared
