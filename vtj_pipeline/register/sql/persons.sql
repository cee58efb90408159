-- Lineages → persons, and each person's events in order. Runs in DuckDB, after identity.sql.
-- In: `event`, `reborn`, `link`, `own_line` (node, label along replacements), `lineage` (node, label
-- along all links). Out: `person_code` (node, code, person_id, is_last), `person_step`, and
-- `person_event` with `step` (the person's messages in order), `at` (recording time that never runs
-- backwards along them), `held` (not to be applied: something before it could not be read; what
-- hides is never held) and `told_before` (an answer that came later has told it already).
-- With `narrows` it has what is to be folded alone (settled.sql). Jinja: `events`, what it is called where
-- each table gets its own share of it (events_of_table.sql), `folder` to write it to or none, `kept`
-- [group] that have a file of their own there.
create or replace temp view event_node as
select
    e.*,
    node_of(
        e.subject,
        r.births,
        {'at': e.recorded_at, 'cursor': e.told_in, 'page': e.page, 'message': e.message}
    ) as node
from event as e
left join reborn as r on e.subject = r.code;

create or replace temp table person_code as
with removed as (
    -- The line that a merge took in; the survivor keeps its person_id.
    select distinct o.label
    from link as l
    inner join own_line as o on l.older = o.node
    where l.is_merge
),
first_code as (
    -- The first code of a line: one that replaced no other.
    select
        o.label,
        coalesce(
            min(o.node) filter (
                o.node not in (select l.newer from link as l where not l.is_merge)
            ),
            min(o.node)
        ) as node
    from own_line as o
    group by o.label
),
root as (
    select
        n.label,
        coalesce(
            min(f.node) filter (o.label not in (select r.label from removed as r)), min(f.node)
        ) as node
    from lineage as n
    inner join own_line as o on n.node = o.node
    inner join first_code as f on o.label = f.label
    group by n.label
),
known as (
    select distinct e.node from event_node as e
    union
    select l.node from linked as l
)
select
    k.node,
    string_split(k.node, chr(31))[1] as code,
    person_id_of(coalesce(r.node, k.node)) as person_id,
    k.node = coalesce(r.node, k.node) as is_root,
    row_number() over (
        partition by string_split(k.node, chr(31))[1] order by len(k.node) desc, k.node desc
    ) = 1 as is_last
from known as k
left join lineage as n on k.node = n.node
left join root as r on n.label = r.label;

create or replace temp table person_step as
with message as (
    select
        p.person_id, e.stage, e.told_in, e.page, e.message, e.recorded_at,
        min(e.cursor) as cursor,
        bool_or(e.fault is not null) as is_broken
    from event_node as e
    inner join person_code as p on e.node = p.node
    group by p.person_id, e.stage, e.told_in, e.page, e.message, e.recorded_at
),
change as (
    select
        m.*,
        row_number() over journal as place,
        max(m.recorded_at) over journal as reached
    from message as m
    where m.stage = 1
    window journal as (partition by m.person_id order by m.cursor, m.page, m.message, m.recorded_at)
),
-- An answer of basic data stands before the changes of its own day: told twice, they do no harm,
-- but an answer placed after one that it does not know would take it back. The day of a change and
-- its page's cursor both tell, since a page may begin before the answer's cursor.
answer as (
    select
        m.person_id, m.stage, m.told_in, m.cursor, m.page, m.message, m.recorded_at, m.is_broken,
        min(c.place) as place
    from message as m
    left join change as c
        on
            m.person_id = c.person_id
            and (
                c.cursor >= m.cursor
                or c.reached >= date_trunc('day', m.recorded_at at time zone 'Europe/Helsinki')
                    at time zone 'Europe/Helsinki'
            )
    where m.stage = 0
    group by all
),
ordered as (
    select
        a.* exclude (place),
        coalesce(a.place, 9223372036854775807) as place
    from answer as a
    union all by name
    select c.* exclude (place, reached), c.place::bigint as place from change as c
),
numbered as (
    select
        o.* exclude (place),
        row_number() over (
            partition by o.person_id
            order by o.place, o.stage, o.recorded_at, o.cursor, o.page, o.message
        ) as step
    from ordered as o
),
timed as (
    select
        n.*,
        coalesce(
            max(n.recorded_at) filter (not n.is_broken) over sofar, n.recorded_at
        ) as at,
        max(n.step) filter (n.is_broken) over sofar as broken_step,
        max(n.step) filter (n.stage = 0 and not n.is_broken) over sofar as told_step
    from numbered as n
    window sofar as (
        partition by n.person_id order by n.step rows between unbounded preceding and current row
    )
)
select
    t.* exclude (broken_step, told_step),
    coalesce(t.broken_step > coalesce(t.told_step, 0), false) as held,
    t.stage = 0 and not t.is_broken as is_answer
from timed as t;

create or replace temp view placed_event as
select e.*, p.person_id, s.step, s.at, s.held, s.is_broken, s.is_answer
from event_node as e
inner join person_code as p on e.node = p.node
inner join person_step as s
    on
        p.person_id = s.person_id
        and e.told_in = s.told_in
        and e.stage = s.stage
        and e.page = s.page
        and e.message = s.message
        and e.recorded_at = s.recorded_at;

-- What hides is applied even where its message is held back: an answer that makes up for the message
-- need not repeat it, and nothing may be shown meanwhile or afterwards. Of a message that could be
-- read itself, an order counts whatever it says.
create or replace temp macro counts_though_held(e, is_broken) as (
    e.fault is null
    and (
        (e.masked and e.change_type in ('LISATTY', 'MUUTETTU', 'KORJATTU'))
        {% for g in protecting %}
        or (
            e.tietoryhma = '{{ g.name }}'
            and (
                not is_broken
                or (
                    e.change_type in ('LISATTY', 'MUUTETTU', 'KORJATTU')
                    and coalesce(e.payload ->> '$.{{ g.protects }}', 'true') <> 'false'
                )
            )
        )
        {% endfor %}
    )
);

{% if narrows %}
{% include 'settled.sql' %}
{% endif %}

{% set person_event -%}
select
    e.person_id, e.step, e.line, e.at,
    e.held and not counts_though_held(e, e.is_broken) as held,
    e.recorded_at < e.at as told_before, e.subject, e.tietoryhma, e.change_type, e.payload, e.masked,
    -- What stands beside a row that only hides could show again.
    case when not e.held or not (e.masked or e.is_broken) then e.valid_now end as valid_now,
    e.fault
from placed_event as e
{% if narrows %}
where is_folded(e.person_id, e.tietoryhma)
{% endif %}
{%- endset %}
{% if folder %}
-- Too much to stand in memory beside what is made of it, table by table: files by group, which need no
-- sorting. What a group is called has no bounds, so that only known names become names of folders.
copy (
    select
        e.*,
        case
            when e.tietoryhma in ({% for group in kept %}'{{ group }}'{{ ', ' if not loop.last }}{% endfor %})
                then e.tietoryhma
            else '{{ other_group }}'
        end as share
    from ({{ person_event }}) as e
) to '{{ folder }}' (format parquet, compression zstd, partition_by (share), overwrite_or_ignore true);
{% else %}
create or replace temp table {{ events }} as
{{ person_event }};
{% endif %}

-- Groups that an answer would have told, had there been any: only where the permit is known to
-- cover them. Where locations are withheld, a location that is left out tells nothing.
create or replace temp table absent as
with answered as (
    select
        e.person_id, e.step, e.at,
        -- What several subscriptions were told in one moment counts by the first one's permit.
        arg_min(e.granted, e.subscription) as granted,
        list(distinct e.tietoryhma) as told,
        bool_or(e.masked) as withholds
    from placed_event as e
    where e.is_answer and e.granted is not null
    group by e.person_id, e.step, e.at
)
select a.person_id, a.step, a.at, g.tietoryhma
from answered as a
cross join lateral (select unnest(a.granted) as tietoryhma) as g
where
    not list_contains(a.told, g.tietoryhma)
    {% if narrows %}
    and is_folded(a.person_id, g.tietoryhma)
    {% endif %}
    and not (a.withholds and g.tietoryhma in ('-'{% for name in locations %}, '{{ name }}'{% endfor %}));
drop view placed_event;
drop view event_node;
drop {{ 'view' if asks_files else 'table' }} event;
