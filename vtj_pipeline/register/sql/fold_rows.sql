-- Events → the history of one table of keyed rows (design §7.2). Runs in DuckDB.
-- In: `person_event`, `absent`, `person_code`; adds to `anomaly`. Out: `folded`.
-- Jinja: `table` (catalogue Table), `columns` [name], `typed`, `related`, `groups` (fold_values.GroupValues),
-- `has_siblings`, `has_one_open`, `has_list`, `implicit_codes`.
-- Three operations: put(slot, key, row), drop(slot, key), sweep(slot). Within a message (`step`)
-- sweeps act first, then drops, then puts: `phase` 0, 1, 2.
create or replace temp table stated as
{% for g in groups %}
{% for origin in ('row', 'valid_now') %}
{% if not (origin == 'valid_now' and g.whole_list) %}
select
    s.* exclude (r{{ ', o' if g.whole_list }}),
    concat_ws(chr(31), {% for k in g.key %}coalesce(({{ k }})::varchar, ''), {% endfor %}s.slot) as key
from (
    select
        e.person_id, e.step, e.line, e.place, e.at, e.change_type, e.told_before,
        {{ "'" ~ g.name ~ "'" if g.slot else 'e.tietoryhma' }} as source_group,
        {{ "'" ~ g.slot ~ "'" if g.slot else 'e.tietoryhma' }} as slot,
        {{ g.rank }} as rank,
        {{ 'true' if g.one_open else 'false' }} as one_open,
        {% if g.whole_list %}'list'{% else %}'{{ origin }}'{% endif %} as origin,
        {{ 'e.valid_now is not null' if origin == 'row' and not g.whole_list else 'false' }} as tells_what_stands,
        {% if g.whole_list %}
        {{ 'e.change_type not in (\'KORJATTAVA\')' if g.removal_keeps_list else 'e.change_type not in (\'KORJATTAVA\', \'POISTETTU\')' }} as wanted,
        {% else %}
        true as wanted,
        {% endif %}
        {% for column in g.columns %}
        {{ column.sql }} as {{ column.name }},
        {% endfor %}
        {% if g.whole_list %}e.o as o, {% endif %}e.r as r
    from (
        select
            p.*,
            -- The row itself comes first, so that what stands after the change has the last word.
            {% if g.name == '*' %}
            {{ "0 as place, p.payload" if origin == 'row' else
               "generate_subscripts(from_json(p.valid_now, '[\"JSON\"]'), 1) as place, json_merge_patch(unnest(from_json(p.valid_now, '[\"JSON\"]')), '{\"tietoryhma\":null}')::varchar" }} as r
            {% elif g.list_may_be_empty %}
            greatest(generate_subscripts(p.o.{{ g.whole_list }}, 1), 1) as place,
            unnest(
                case when coalesce(len(p.o.{{ g.whole_list }}), 0) = 0 then list_value(null)
                else p.o.{{ g.whole_list }} end
            ) as r
            {% elif g.whole_list %}
            generate_subscripts(p.o.{{ g.whole_list }}, 1) as place,
            unnest(p.o.{{ g.whole_list }}) as r
            {% else %}
            {{ 'true' if origin == 'row' else 'false' }} as origin_is_row,
            {{ "0 as place, from_json(p.payload, '" ~ g.structure ~ "')" if origin == 'row' else
               "generate_subscripts(from_json(p.valid_now, '[\"JSON\"]'), 1) as place, unnest(from_json(p.valid_now, '[" ~ g.structure ~ "]'))" }} as r
            {% endif %}
        {% if g.whole_list %}
        from (
            select w.*, from_json(w.payload, '{{ g.structure }}') as o
            from person_event as w
            where w.{{ g.filter }}
        ) as p
        {% else %}
        from person_event as p
        {% endif %}
        where
            {{ g.filter }}
            and not p.held
            and not p.masked
            and p.change_type <> 'LISATIETO'
            {{ 'and p.valid_now is not null' if origin == 'valid_now' }}
    ) as e
    {{ 'where ' ~ g.condition if g.condition != 'true' }}
) as s
union all by name
{% endif %}
{% endfor %}
{% endfor %}
{% if implicit_codes %}
-- A code that a message names, or a link leads to, belongs to its person, in force unless a
-- correction says otherwise, and whether or not the rest of the message could be read. What is
-- removed tells of no code.
select
    n.person_id, n.step, 0 as line, 0 as place, n.at, 'LISATTY' as change_type,
    'subject' as source_group, '{{ table.name }}' as slot, 0 as rank, false as one_open,
    'row' as origin, false as tells_what_stands, false as told_before, true as wanted,
    n.code as identity_code, n.is_active,
    concat_ws(chr(31), n.code, '{{ table.name }}') as key
from (
    -- `at` never runs backwards along the steps.
    select
        e.person_id, min(e.step) as step, min(e.at) as at, e.subject as code, true as is_active
    from person_event as e
    group by e.person_id, e.subject
    union all
    select e.person_id, e.step, e.at, e.payload ->> '$.aktiivinenHenkilotunnus', true
    from person_event as e
    where
        e.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and e.fault is null
        and e.change_type not in ('POISTETTU', 'KORJATTAVA')
    union all
    select
        e.person_id, e.step, e.at, e.payload ->> '$.muutettuHenkilotunnus',
        coalesce(e.payload ->> '$.voimassaolo' = 'AKTIIVI', false)
    from person_event as e
    where
        e.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and e.fault is null
        and e.change_type not in ('POISTETTU', 'KORJATTAVA')
) as n
semi join person_code as c on n.person_id = c.person_id and n.code = c.code
where not exists (
    select 1 from person_event as c
    where
        c.person_id = n.person_id
        and c.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and c.change_type not in ('LISATIETO', 'POISTETTU', 'KORJATTAVA')
        and not c.held
        and not c.masked
        and c.step <= n.step
        and c.payload ->> '$.muutettuHenkilotunnus' = n.code
)
qualify row_number() over (
    partition by n.person_id, n.code order by n.step, n.is_active desc
) = 1
union all by name
{% endif %}
select
    {% for column in typed %}
    null::{{ column.sql }} as {{ column.name }},
    {% endfor %}
    null::uuid as person_id
where false;

create or replace temp table masked_slot as
{% for g in groups if table.maskable %}
select
    e.person_id, e.step, e.line, 0 as place, e.at, {{ "'" ~ g.name ~ "'" if g.slot else 'e.tietoryhma' }} as source_group,
    {{ "'" ~ g.slot ~ "'" if g.slot else 'e.tietoryhma' }} as slot,
    {{ g.rank }} as rank,
    {% for column in g.constants %}
    {{ column.sql }} as {{ column.name }},
    {% endfor %}
    e.change_type in ('POISTETTU', 'KORJATTAVA') as is_removal,
    true as withheld
from person_event as e
where
    {{ g.masked_filter }}
    and not e.held
    and e.masked
    and e.change_type <> 'LISATIETO'
union all by name
{% endfor %}
select
    null::uuid as person_id, null::bigint as step, null::integer as line, null::integer as place,
    null::timestamptz as at, null::varchar as source_group, null::varchar as slot, 0 as rank,
    false as is_removal, true as withheld
where false;

-- A row that would still be open by its dates, and is not among the rows that it says stand.
create or replace temp table superseded as
select s.person_id, s.step, s.line, s.key
from stated as s
where
    s.origin = 'row'
    and s.tells_what_stands
    and s.change_type in ('MUUTETTU', 'KORJATTU')
    and {{ is_open }}
    and not exists (
        select 1 from stated as n
        where
            n.origin = 'valid_now'
            and n.person_id = s.person_id
            and n.step = s.step
            and n.line = s.line
            and n.key = s.key
    );

create or replace temp table operation as
with put as (
    select
        s.* exclude (wanted, change_type, origin, tells_what_stands, told_before),
        {{ 'false' if table.maskable else 'null' }} as withheld,
        2 as phase,
        'put' as op,
        {{ is_open }} as is_open
    from stated as s
    anti join superseded as u
        on s.origin = 'row' and s.person_id = u.person_id and s.step = u.step
            and s.line = u.line and s.key = u.key
    where
        s.wanted
        and (
            -- What a removal lists is what remains.
            s.origin in ('valid_now', 'list')
            or s.change_type in ('LISATTY', 'MUUTETTU', 'KORJATTU', 'SNAPSHOT')
        )
),
dropped as (
    select
        s.person_id, s.step, s.line, s.place, s.at, s.slot, s.source_group, s.key,
        1 as phase,
        'drop' as op,
        {{ is_open }} and not s.told_before as is_open
    from stated as s
    where s.origin = 'row' and s.change_type in ('POISTETTU', 'KORJATTAVA')
    union all by name
    select
        s.person_id, s.step, s.line, s.place, s.at, s.slot, s.source_group, s.key,
        1 as phase,
        'drop' as op,
        false as is_open
    from stated as s
    semi join superseded as u
        on s.origin = 'row' and s.person_id = u.person_id and s.step = u.step
            and s.line = u.line and s.key = u.key
)
select * from put
union all by name
select * from dropped
{% if table.maskable %}
union all by name
select
    m.* exclude (is_removal), chr(30) || 'withheld' || chr(31) || m.slot as key, 2 as phase, 'put' as op, true as is_open,
    false as one_open
from masked_slot as m
where not m.is_removal
union all by name
select
    m.person_id, m.step, m.line, m.place, m.at, m.slot, m.source_group,
    chr(30) || 'withheld' || chr(31) || m.slot as key, 1 as phase, 'drop' as op, false as is_open
from masked_slot as m
where m.is_removal
union all by name
-- An open row that is told in the clear ends what was withheld.
select
    p.person_id, p.step, p.line, p.place, p.at, p.slot, p.source_group,
    chr(30) || 'withheld' || chr(31) || p.slot as key, 1 as phase, 'drop' as op, false as is_open
from put as p
inner join (select distinct person_id, slot from masked_slot) as m using (person_id, slot)
where p.is_open
{% endif %};

-- Sweeps, after the person's first message: before it nothing stands.
create or replace temp table sweep as
with wanted as (
    select
        null::uuid as person_id, null::varchar as slot, null::bigint as step,
        null::timestamptz as at, false as closed_too
    where false
    union
    {% for g in groups if g.sweeps %}
    select
        e.person_id, {{ "'" ~ g.slot ~ "'" if g.slot else 'e.tietoryhma' }} as slot, e.step, e.at,
        {{ "e.change_type <> 'SNAPSHOT'" if g.whole_list else 'false' }} as closed_too
    from person_event as e
    where
        {{ g.sweep_filter }}
        and e.step > 1
        and not e.held
        and not e.masked
        {% if g.whole_list %}
        -- A list tells all there is after the change, what has ended included.
        and e.change_type not in ('LISATIETO', 'KORJATTAVA')
        {% else %}
        and e.change_type = 'SNAPSHOT'
        {% endif %}
    union
    {% if g.slot %}
    select a.person_id, '{{ g.slot }}' as slot, a.step, a.at, false
    from absent as a
    where a.tietoryhma = '{{ g.name }}' and a.step > 1
    union
    {% endif %}
    {% endfor %}
    select m.person_id, m.slot, m.step, m.at, false
    from masked_slot as m
    where not m.is_removal
)
select w.person_id, w.slot, w.step * 3 as instant, w.at, bool_or(w.closed_too) as closed_too
from wanted as w
group by all;

-- Most rows of the register are alone with their key, have none beside them that could hide or end
-- them, and are never swept: their history is what they say. Only the others need to be put in order.
-- (A hash that meets another one's by chance only sends a row the long way.)
create or replace temp table busy_key as
select hash(o.person_id, o.slot, o.key) as h
from operation as o
group by 1
having count(*) > 1;

create or replace temp table busy_slot as
select distinct hash(w.person_id, w.slot) as h from sweep as w;

{% if has_siblings %}
create or replace temp table rival_fact as
select hash(o.person_id{% for f in fact %}, {{ f }}{% endfor %}) as h
from operation as o
where o.op = 'put'
group by o.person_id{% for f in fact %}, {{ f }}{% endfor %}

having count(distinct o.rank) > 1;

{% endif %}
{% if has_one_open %}
create or replace temp table rival_open as
select hash(o.person_id, o.slot{% for column in table.one_open_by %}, o.{{ column }}{% endfor %}) as h
from operation as o
where o.op = 'put' and o.one_open and o.is_open
group by o.person_id, o.slot{% for column in table.one_open_by %}, o.{{ column }}{% endfor %}

having min(o.key) <> max(o.key);

{% endif %}
{% import 'rival.sql' as rival with context %}
{% import 'row.sql' as row %}
create or replace temp table chained as
select
    o.*,
    o.step * 3 + o.phase as instant,
    row_number() over chain as nth,
    lead(o.at) over chain as next_at,
    lead(o.step * 3 + o.phase) over chain as next_instant,
    -- Removed and put again in one message is a correction, and no end.
    o.op = 'drop' and coalesce(lead(o.op) over chain <> 'put' or lead(o.step) over chain <> o.step, true)
        as is_end,
    lag(o.op) over chain as last_op
from operation as o
where {{ rival.is_crowded('o') }}
window chain as (
    partition by o.person_id, o.slot, o.key
    -- Answers of one moment have lines of the same number.
    order by o.step, o.phase, o.line, o.place, {{ row.content(columns, 'o') }}, o.source_group
);

{% if has_one_open %}
-- A row that is told as open announces the end of those that began before it, told or not. It does so
-- until it is removed as one that never was; that it ended itself, or is withheld, changes nothing.
create or replace temp table herald as
with lived as (
    select
        c.*,
        min(case when c.is_end then c.instant end) over rest as end_instant,
        min(case when c.is_end then c.at end) over rest as end_at
    from chained as c
    where c.one_open or c.op = 'drop'
    window rest as (
        partition by c.person_id, c.slot, c.key order by c.nth
        rows between current row and unbounded following
    )
)
select
    l.person_id, l.slot, l.key, l.step, l.instant, l.at, l.valid_from, l.valid_from_precision,
    {% for column in table.one_open_by %}
    l.{{ column }},
    {% endfor %}
    l.end_instant, l.end_at
from lived as l
where l.op = 'put' and l.valid_from is not null and {{ rival.may_end('l') }};
{% endif %}

-- A row that is to be removed and is not known, though it would be in force: something was missed.
-- (A lone removal is not crowded, and never follows anything.)
insert into anomaly
select c.person_id, c.step, c.at, 'unknown row removed' as kind
from chained as c
where c.op = 'drop' and c.is_open and coalesce(c.last_op, 'drop') = 'drop'
union all
select o.person_id, o.step, o.at, 'unknown row removed' as kind
from operation as o
where o.op = 'drop' and o.is_open and not {{ rival.is_crowded('o') }};

create or replace table folded as
with swept as (
    select c.*, w.instant as sweep_instant, w.at as sweep_at
    from chained as c
    asof left join sweep as w
        on c.person_id = w.person_id and c.slot = w.slot and c.instant < w.instant
    where c.op = 'put'
),
{% if has_list %}
swept_whole as (
    select s.*, w.instant as whole_instant, w.at as whole_at
    from swept as s
    asof left join (select * from sweep where closed_too) as w
        on s.person_id = w.person_id and s.slot = w.slot and s.instant < w.instant
),
{% endif %}
{% if has_one_open %}
-- Rows that a later one has ended, told or not, before a sweep came: they are history.
outlived as (
    select distinct s.person_id, s.slot, s.key, s.instant
    from swept as s
    inner join herald as h
        on
            s.person_id = h.person_id
            and s.slot = h.slot
            and s.key <> h.key
            and s.step <= h.step
            and coalesce(s.valid_from, '-infinity'::date) < h.valid_from
            and h.instant < s.sweep_instant
            {% for column in table.one_open_by %}
            and s.{{ column }} is not distinct from h.{{ column }}
            {% endfor %}
    where
        s.sweep_instant is not null
        and s.is_open
        and s.one_open
        and coalesce(h.end_instant > s.sweep_instant, true)
),
{% endif %}
effective as (
    select
        s.* exclude (sweep_instant, sweep_at{{ ', whole_instant, whole_at' if has_list }}),
        case
            -- Only a row that is in force by then is ended, and none that a later one has ended.
            when not s.is_open then null
            {% if table.has_validity %}
            when s.valid_to <= (s.sweep_at at time zone 'Europe/Helsinki')::date then null
            {% endif %}
            {% if has_one_open %}
            when u.instant is not null then null
            {% endif %}
            else s.sweep_instant
        end as open_sweep,
        s.sweep_at as open_sweep_at,
        {% if has_list %}
        s.whole_instant as whole_sweep, s.whole_at as whole_sweep_at
        {% else %}
        null::bigint as whole_sweep, null::timestamptz as whole_sweep_at
        {% endif %}
    from {{ 'swept_whole' if has_list else 'swept' }} as s
    {% if has_one_open %}
    left join outlived as u
        on s.person_id = u.person_id and s.slot = u.slot and s.key = u.key and s.instant = u.instant
    {% endif %}
),
bounded as (
    select
        f.* exclude (open_sweep, open_sweep_at, whole_sweep, whole_sweep_at),
        f.at as recorded_from,
        case least(f.open_sweep, f.whole_sweep, f.next_instant)
            when f.open_sweep then f.open_sweep_at
            when f.whole_sweep then f.whole_sweep_at
            when f.next_instant then f.next_at
        end as recorded_to
    from effective as f
),
{% include 'fold_resolve.sql' %}
{% include 'fold_merge.sql' %}

union all by name
select
    {% import 'row.sql' as row %}
    {{ row.columns(table.name, columns, related, 'l', 'l.at', 'null::timestamptz') }}
from operation as l
{{ row.relation(related, 'l') }}
where l.op = 'put' and not {{ rival.is_crowded('l') }};

{% if has_one_open %}
-- Two rows in force where there can be one, and no date that tells which.
insert into anomaly
select f.person_id, null as step, max(f.recorded_from) as at, 'two open rows' as kind
from folded as f
where
    f.recorded_to is null
    and f.valid_to is null
    and f.withheld is not true
    and f.source_group in ({% for g in groups if g.one_open %}'{{ g.name }}'{{ ', ' if not loop.last }}{% endfor %})
    and ({{ table.open_when }})
group by f.person_id, f.slot{% for column in table.one_open_by %}, f.{{ column }}{% endfor %}

having count(*) > 1;
{% endif %}
