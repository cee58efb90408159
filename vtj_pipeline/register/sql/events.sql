-- All events of the touched codes, each once, at its smallest position. Runs in DuckDB.
-- In: `touched_code` (or all codes when `everyone`), `batch` (filename, subscription, granted), the
-- list of events files in the variable `events_files`. Out: `event`, broken messages among them;
-- `told` (which subscription told of a code, and when).
create or replace temp table received as
select e.*, b.subscription, b.granted
from read_parquet(getvariable('events_files'), filename = true) as e
inner join batch as b on e.filename = b.filename
{% if not everyone %}
semi join touched_code as t on e.subject = t.code
{% endif %}
where e.subject is not null;

create or replace temp table told as
select
    r.subscription,
    r.subject,
    min(r.recorded_at) as first_recorded,
    max(r.recorded_at) as last_recorded
from received as r
group by r.subscription, r.subject;

create or replace temp table event as
select r.* exclude (filename, unknown_fields)
from received as r
qualify row_number() over (
    partition by r.event_id
    order by r.cursor, r.stage, r.page, r.message, r.line, r.recorded_at, r.subscription
) = 1;
drop table received;
