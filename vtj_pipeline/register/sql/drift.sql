-- Persons whose current rows of a table are others than those staged, by group. Runs in PostgreSQL; in:
-- `staged` (the table's whole histories as folded), `touched`, `not_compared` (person_id). Jinja: `table`.
-- A row_id is a hash of content, group and time of recording.
with standing as (
    select r.person_id, r.source_group, r.row_id
    from register.{{ table }} as r
    where r.recorded_to is null and r.person_id in (select t.person_id::uuid from touched as t)
),
told as (
    select s.person_id::uuid as person_id, s.source_group, s.row_id::uuid as row_id
    from staged as s
    where s.recorded_to is null
),
judged as (
    select
        coalesce(a.person_id, b.person_id) as person_id,
        coalesce(a.source_group, b.source_group) as source_group,
        bool_or(a.row_id is null or b.row_id is null) as differs
    from standing as a
    full join told as b on a.row_id = b.row_id
    group by 1, 2
)
select
    j.source_group,
    count(*) as compared,
    count(*) filter (where j.differs) as drifted,
    string_agg(j.person_id::text, ' ') filter (where j.differs) as persons
from judged as j
where j.person_id not in (select n.person_id::uuid from not_compared as n)
group by j.source_group
