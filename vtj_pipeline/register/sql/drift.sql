-- Persons whose current rows of a table are others than those staged, by group. Runs in PostgreSQL; in:
-- `staged` (the table's whole histories as folded), `touched`, `not_compared` (person_id). Jinja: `table`,
-- `columns` [Column], which tell what a row says.
-- When it was recorded is left out: an answer that stands earlier in the journal than one that has been
-- published, and says the same, moves that time and is no drift.
with standing as (
    select
        r.person_id,
        r.source_group,
        md5(row({% for column in columns %}r.{{ column.name }}{{ ', ' if not loop.last }}{% endfor %})::text) as content
    from register.{{ table }} as r
    where r.recorded_to is null and r.person_id in (select t.person_id from touched as t)
),
told as (
    select
        s.person_id,
        s.source_group,
        md5(row({% for column in columns %}s.{{ column.name }}{{ ', ' if not loop.last }}{% endfor %})::text)
            as content
    from staged as s
    where s.recorded_to is null
),
judged as (
    select
        coalesce(a.person_id, b.person_id) as person_id,
        coalesce(a.source_group, b.source_group) as source_group,
        bool_or(a.content is null or b.content is null) as differs
    from standing as a
    full join told as b
        on a.person_id = b.person_id and a.source_group = b.source_group and a.content = b.content
    group by 1, 2
)
select
    j.source_group,
    count(*) as compared,
    count(*) filter (where j.differs) as drifted,
    string_agg(j.person_id::text, ' ') filter (where j.differs) as persons
from judged as j
where j.person_id not in (select n.person_id from not_compared as n)
group by j.source_group
