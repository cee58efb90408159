-- Lineages → persons, and each person's events in order. Runs in DuckDB, after identity.sql.
-- Out: `person_code` (person_id, code), `person_event` with `step` (the person's messages in
-- order) and `at` (recording time that never runs backwards along them).
create or replace temp macro person_id_of(code) as (
    sha256(getvariable('person_key_outer') || unhex(sha256(getvariable('person_key_inner') || encode(code))))[1:32]::uuid
);

create or replace temp table person_code as
with root as (
    -- The first code of a lineage: one that replaced no other.
    select
        n.label,
        coalesce(
            min(n.code) filter (n.code not in (select l.newer from link as l)), min(n.code)
        ) as code
    from lineage as n
    group by n.label
)
select n.code, person_id_of(r.code) as person_id
from lineage as n
inner join root as r on n.label = r.label;

create or replace temp table person_event as
with numbered as (
    select
        p.person_id,
        e.*,
        dense_rank() over (
            partition by p.person_id order by e.cursor, e.stage, e.page, e.message
        ) as step
    from event as e
    inner join person_code as p on e.subject = p.code
)
select
    n.person_id,
    n.step,
    n.line,
    max(n.recorded_at) over (
        partition by n.person_id order by n.step
        range between unbounded preceding and current row
    ) as at,
    n.subject,
    n.tietoryhma,
    n.change_type,
    n.payload,
    n.masked,
    n.valid_now
from numbered as n;
