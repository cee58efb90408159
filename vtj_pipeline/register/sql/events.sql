-- All events of the touched codes, each once, at its smallest position. Runs in DuckDB.
-- In: `touched_code` (or all codes when `everyone`), the list of events files in the variable
-- `events_files`. Out: `event`.
create or replace temp table event as
select e.*
from read_parquet(getvariable('events_files')) as e
{% if not everyone %}
semi join touched_code as t on e.subject = t.code
{% endif %}
where e.fault is null
qualify row_number() over (
    partition by e.event_id order by e.cursor, e.stage, e.page, e.message, e.line
) = 1;
