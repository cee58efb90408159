-- Who is in the scope of each subscription, as known now. Runs in PostgreSQL; in: `touched` unless
-- `everyone`. Returns the number of rows changed. A product without municipalities has all of whom
-- it tells; in one by home municipality, who is told of is in scope until the home says otherwise:
-- a home that is withheld does not. A product by code has whom its code list names now, under any
-- code that the person was ever known by.
{% from 'of_touched.jinja' import rows %}
with listed as (
    select distinct l.subscription, coalesce(a.person_id, l.code_id) as person_id
    from ledger.code_list_member as l
    left join register.person_alias as a on l.code_id = a.alias_id
    where l.removed_version is null
),
member as (
    select
        m.subscription,
        m.person_id,
        m.is_member
    from {{ rows('scope_member', 'm', everyone) }}
),
home as (
    select
        m.subscription,
        h.person_id,
        bool_or(h.valid_to is null and (h.withheld or s.municipality_code is not null)) as is_inside
    from {{ rows('home_municipality', 'h', everyone) }}
    inner join member as m on h.person_id = m.person_id
    left join register.scope_municipality as s
        on m.subscription = s.subscription and h.municipality_code = s.municipality_code
    where
        h.recorded_to is null
        and m.subscription in (select v.subscription from register.scope_municipality as v)
    group by m.subscription, h.person_id
),
judged as (
    select
        m.subscription,
        m.person_id,
        m.is_member as was_member,
        case
            when m.subscription in (select v.subscription from ledger.code_list_version as v)
                then l.person_id is not null
            when m.subscription not in (select s.subscription from register.scope_municipality as s)
                then true
            else p.is_alive and coalesce(h.is_inside, true)
        end as is_member
    from {{ rows('person', 'p', everyone) }}
    inner join member as m on p.person_id = m.person_id
    left join home as h on m.subscription = h.subscription and m.person_id = h.person_id
    left join listed as l on m.subscription = l.subscription and m.person_id = l.person_id
),
changed as (
    update register.scope_member as m
    set is_member = j.is_member
    from judged as j
    where
        m.subscription = j.subscription
        and m.person_id = j.person_id
        and j.was_member is distinct from j.is_member
    returning 1
)
select count(*) from changed
