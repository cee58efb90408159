-- Which codes are one person's (design §7.3, contract §4.5). Runs in DuckDB.
-- In: `event` (of every code that may be touched). Out: `link` (older, newer, is_merge), `reborn`
-- (code, births), `lineage` with each linked node as its own label; identity_step.sql is then
-- repeated until nothing changes, once along replacements and once along all links.
-- A node is a code, or a code and the number of the person who has it, where a code that was
-- replaced turns out to be another person's as well.
create or replace temp table stated_link as
with correction as (
    select
        e.subject,
        nullif(e.payload ->> '$.muutettuHenkilotunnus', '') as changed,
        nullif(e.payload ->> '$.aktiivinenHenkilotunnus', '') as active,
        e.change_type not in ('POISTETTU', 'KORJATTAVA') as stands,
        e.recorded_at, e.told_in as cursor, e.stage, e.page, e.message, e.line
    from event as e
    where e.tietoryhma = 'HENKILOTUNNUS_KORJAUS' and e.fault is null
),
-- The list of earlier codes is not followed: it has been seen to name strangers (contract §4.5).
pair as (
    select c.changed as older, c.active as newer, c.* exclude (changed, active)
    from correction as c
    where c.changed <> c.active
    union all
    select c.subject, c.active, c.* exclude (changed, active)
    from correction as c
    where c.subject <> c.active
    union all
    select c.changed, c.subject, c.* exclude (changed, active)
    from correction as c
    where c.active is null and c.changed <> c.subject
)
-- The latest word on a link decides; in one message what is removed comes first.
select
    p.older,
    p.newer,
    arg_min(
        {'at': p.recorded_at, 'cursor': p.cursor, 'page': p.page, 'message': p.message},
        (p.recorded_at, p.cursor, p.page, p.message)
    ) filter (p.stands) as since,
    arg_min(
        -- Answers of one moment tell of it under several codes.
        p.subject, (p.recorded_at, p.cursor, p.page, p.message, p.subject)
    ) filter (p.stands) as told_under
from pair as p
group by p.older, p.newer
having arg_max(
    p.stands, (p.recorded_at, p.cursor, p.stage, p.page, p.message, p.stands, p.line)
);

-- A later change tells of all earlier codes again. That says nothing new, and must not be taken for
-- whoever has such a code by then.
delete from stated_link as l
where
    l.told_under <> l.older
    and l.told_under <> l.newer
    and exists (
        select 1 from stated_link as e where e.older = l.older and e.newer = l.told_under
    );

-- A code that was replaced and then told as a new person's belongs to somebody else from there on:
-- two persons had been given one code. A mere late message under it does not.
create or replace temp table reborn as
with message as (
    select
        e.subject as code,
        {'at': e.recorded_at, 'cursor': e.told_in, 'page': e.page, 'message': e.message} as place,
        any_value(e.stage) as stage,
        bool_or(e.stage = 0 or (e.change_type = 'LISATTY' and e.tietoryhma = 'SYNTYMAPAIVA'))
            as tells_a_person,
        bool_or(
            e.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
            and e.payload ->> '$.muutettuHenkilotunnus' = e.subject
            and coalesce(e.payload ->> '$.aktiivinenHenkilotunnus', '') <> e.subject
        ) as says_passive
    from event as e
    semi join stated_link as l on e.subject = l.older
    where e.fault is null
    group by 1, 2
),
birth as (
    select l.older as code, min(m.place) as place
    from stated_link as l
    inner join message as m on l.older = m.code
    where
        m.tells_a_person
        and not m.says_passive
        and case
            -- An answer of the day of the change may not have known of it yet.
            when m.stage = 0
                then (m.place.at at time zone 'Europe/Helsinki')::date
                    > (l.since.at at time zone 'Europe/Helsinki')::date
            else m.place > l.since
        end
    group by l.older, l.since
)
select b.code, list(distinct b.place order by b.place) as births
from birth as b
group by b.code;

create or replace temp macro node_of(code, births, place) as (
    code || case
        when coalesce(len(list_filter(births, lambda b: b <= place)), 0) = 0 then ''
        else chr(31) || len(list_filter(births, lambda b: b <= place))
    end
);

create or replace temp table link as
with first_use as (
    select e.subject as code, min(e.recorded_at) as at
    from event as e
    semi join stated_link as l on e.subject = l.newer
    where e.fault is null
    group by e.subject
)
select
    -- The code that is replaced is still its first holder's when the change is told.
    node_of(l.older, o.births, l.since) as older,
    node_of(l.newer, n.births, l.since) as newer,
    -- A code that was in use before it took another one's place: two persons are one.
    bool_or(coalesce(u.at < l.since.at, false)) as is_merge
from stated_link as l
left join reborn as o on l.older = o.code
left join reborn as n on l.newer = n.code
left join first_use as u on l.newer = u.code
group by 1, 2;

create or replace temp table linked as
select l.older as node from link as l
union
select l.newer from link as l;
