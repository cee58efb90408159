-- All events of the touched codes, each once, at its smallest position. Runs in DuckDB.
-- In: `touched_code` (or all codes when `everyone`), `batch` (filename, subscription, granted,
-- is_legacy, is_new), the list of events files in the variable `events_files`; with `is_share` their
-- events, of one share of the persons, in `shuffled_event`. Out: `event`, broken messages among them, with `told_in`, `page` and `message` that tell one message of a person from
-- another, and unless `everyone` `is_new` (not folded before) and `unsettles` (what was folded before
-- may have another meaning); `told` (which subscription told of a code, and when).
-- Of some persons it is read from the files once. Of everyone the files are read anew for each question
-- (of a few columns, as a rule): kept, they would fill the memory, and then the disk, several times over.
create or replace temp {{ 'view' if everyone else 'table' }} read_event as
select
    e.* exclude (page, message),
    -- Basic data of one moment are one word about a person, in however many answers they came:
    -- cut otherwise, or given to several subscriptions. Only a change has a place in the journal.
    case when e.stage = 0 then 0 else e.cursor end as told_in,
    case when e.stage = 0 then 0 else e.page end as page,
    case when e.stage = 0 then 0 else e.message end as message,
    b.subscription,
    b.granted,
    {% if not everyone %}
    coalesce(b.is_new, false) as is_new,
    {% endif %}
    b.is_legacy
{% if is_share %}
from shuffled_event as e
{% else %}
from read_parquet(getvariable('events_files'), filename = true) as e
{% endif %}
inner join batch as b on e.filename = b.filename
{% if not everyone %}
semi join touched_code as t on e.subject = t.code
{% endif %}
where e.subject is not null;

{% if has_legacy %}
-- The day on which the interface first told of a person whom the old files tell of: from then on it
-- tells all, better, and what both tell must not stand twice. Days, since the files tell no more.
create or replace temp table handed_over as
select
    r.subject,
    date_trunc('day', min(r.recorded_at) at time zone 'Europe/Helsinki')
        at time zone 'Europe/Helsinki' as at{{ ',' if not everyone }}
    {% if not everyone %}
    date_trunc('day', min(r.recorded_at) filter (not r.is_new) at time zone 'Europe/Helsinki')
        at time zone 'Europe/Helsinki' as at_before
    {% endif %}
from read_event as r
where not r.is_legacy and r.subject in (select l.subject from read_event as l where l.is_legacy)
group by r.subject;

create or replace temp view received as
select
    r.* exclude (is_legacy){{ ',' if not everyone }}
    {% if not everyone %}
    (r.is_new and (r.stage = 0 or r.is_legacy)) or h.at is distinct from h.at_before as unsettles
    {% endif %}
from read_event as r
left join handed_over as h on r.subject = h.subject
where not r.is_legacy or h.at is null or r.recorded_at < h.at;
{% else %}
create or replace temp view received as
select
    r.* exclude (is_legacy){{ ',' if not everyone }}
    {% if not everyone %}
    r.is_new and r.stage = 0 as unsettles
    {% endif %}
from read_event as r;
{% endif %}

create or replace temp table told as
select
    r.subscription,
    r.subject,
    min(r.recorded_at) as first_recorded,
    max(r.recorded_at) as last_recorded
from received as r
group by r.subscription, r.subject;

{% set left_out = 'filename' if is_share else 'filename, unknown_fields' %}
-- Few events are there twice, and only those need to be put in order.
create or replace temp table repeated as
select r.event_id from received as r group by r.event_id having count(*) > 1;

create or replace temp table repeated_event as
select t.*
from (
    select r.* exclude ({{ left_out }})
    from received as r
    semi join repeated as x on r.event_id = x.event_id
) as t
qualify row_number() over (
    partition by t.event_id
    order by
        t.cursor, t.stage, t.page, t.message, t.line, t.recorded_at, t.subscription
        {%- if not everyone %}, t.is_new{% endif %}

) = 1;

create or replace temp {{ 'view' if everyone and not is_share else 'table' }} event as
select r.* exclude ({{ left_out }})
from received as r
anti join repeated as x on r.event_id = x.event_id
union all by name
select t.* from repeated_event as t;
{% if is_share %}
drop view received;
drop view read_event;
drop table shuffled_event;
{% elif not everyone %}
drop view received;
drop table read_event;
{% endif %}
