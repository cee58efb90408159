{% import 'row.sql' as row %}
-- Empty intervals vanish, equal neighbours merge. In: `resolved`. Jinja: `table`, `columns`,
-- `related` (whether a row is about another person too).
lasting as (
    select b.*
    from resolved as b
    where b.recorded_to is null or b.recorded_to > b.recorded_from
),
-- Most are alone with their key.
repeated as (
    select hash(l.person_id, l.slot, l.key) as h
    from lasting as l
    group by 1
    having count(*) > 1
),
compared as (
    select
        l.*,
        {{ row.content(columns, 'l') }} as content
    from lasting as l
    where hash(l.person_id, l.slot, l.key) in (select r.h from repeated as r)
),
marked as (
    select
        c.*,
        coalesce(
            lag(c.content) over history = c.content
            and lag(c.recorded_to) over history = c.recorded_from,
            false
        ) as goes_on,
        coalesce(
            lead(c.content) over history = c.content
            and lead(c.recorded_from) over history = c.recorded_to,
            false
        ) as is_continued
    from compared as c
    window history as (partition by c.person_id, c.slot, c.key order by c.recorded_from)
),
-- Of a span the first row and the last.
spanning as (
    select
        m.*,
        case when m.is_continued then lead(m.recorded_to) over history else m.recorded_to end as span_to
    from marked as m
    where not m.goes_on or not m.is_continued
    window history as (partition by m.person_id, m.slot, m.key order by m.recorded_from)
),
ended as (
    select s.* exclude (content, goes_on, is_continued)
    from spanning as s
    where not s.goes_on
    union all by name
    select
        l.*,
        l.recorded_to as span_to
    from lasting as l
    where hash(l.person_id, l.slot, l.key) not in (select r.h from repeated as r)
)
select
    {{ row.columns(table.name, columns, related, 'e', 'e.recorded_from', 'e.span_to') }}
from ended as e
{{ row.relation(related, 'e') }}
