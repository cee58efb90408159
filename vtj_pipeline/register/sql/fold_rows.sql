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
        e.person_id, e.step, e.line, e.at, e.change_type, e.told_before,
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
            {% if g.name == '*' %}
            {{ "p.payload" if origin == 'row' else
               "json_merge_patch(unnest(from_json(p.valid_now, '[\"JSON\"]')), '{\"tietoryhma\":null}')::varchar" }} as r
            {% elif g.list_may_be_empty %}
            unnest(
                case when coalesce(len(p.o.{{ g.whole_list }}), 0) = 0 then list_value(null)
                else p.o.{{ g.whole_list }} end
            ) as r
            {% elif g.whole_list %}
            unnest(p.o.{{ g.whole_list }}) as r
            {% else %}
            {{ 'true' if origin == 'row' else 'false' }} as origin_is_row,
            {{ "from_json(p.payload, '" ~ g.structure ~ "')" if origin == 'row' else
               "unnest(from_json(p.valid_now, '[" ~ g.structure ~ "]'))" }} as r
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
) as s
union all by name
{% endif %}
{% endfor %}
{% endfor %}
{% if implicit_codes %}
-- A code that a message names belongs to its person, in force unless a correction says otherwise,
-- and whether or not the rest of the message could be read.
select
    e.person_id, e.step, 0 as line, e.at, 'LISATTY' as change_type, 'subject' as source_group,
    '{{ table.name }}' as slot, 0 as rank, false as one_open, 'row' as origin,
    false as tells_what_stands, false as told_before, true as wanted, e.subject as identity_code, true as is_active,
    concat_ws(chr(31), e.subject, '{{ table.name }}') as key
from person_event as e
where not exists (
    select 1 from person_event as c
    where
        c.person_id = e.person_id
        and c.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and not c.held
        and c.step <= e.step
        and c.payload ->> '$.muutettuHenkilotunnus' = e.subject
)
qualify row_number() over (partition by e.person_id, e.subject order by e.step) = 1
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
    e.person_id, e.step, e.line, e.at, {{ "'" ~ g.name ~ "'" if g.slot else 'e.tietoryhma' }} as source_group,
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
    null::uuid as person_id, null::bigint as step, null::integer as line,
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
        s.person_id, s.step, s.line, s.at, s.slot, s.source_group, s.key,
        1 as phase,
        'drop' as op,
        {{ is_open }} and not s.told_before as is_open
    from stated as s
    where s.origin = 'row' and s.change_type in ('POISTETTU', 'KORJATTAVA')
    union all by name
    select
        s.person_id, s.step, s.line, s.at, s.slot, s.source_group, s.key,
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
    m.* exclude (is_removal), chr(31) || m.slot as key, 2 as phase, 'put' as op, true as is_open,
    false as one_open
from masked_slot as m
where not m.is_removal
union all by name
select
    m.person_id, m.step, m.line, m.at, m.slot, m.source_group,
    chr(31) || m.slot as key, 1 as phase, 'drop' as op, false as is_open
from masked_slot as m
where m.is_removal
union all by name
-- An open row that is told in the clear ends what was withheld.
select
    p.person_id, p.step, p.line, p.at, p.slot, p.source_group,
    chr(31) || p.slot as key, 1 as phase, 'drop' as op, false as is_open
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
        {{ g.filter }}
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

create or replace temp table chained as
with linked as (
    select
        o.*,
        o.step * 3 + o.phase as instant,
        lead(o.at) over chain as next_at,
        lead(o.step * 3 + o.phase) over chain as next_instant,
        {% if has_one_open %}
        count(*) filter (o.op = 'drop') over (
            partition by o.person_id, o.slot, o.key order by o.step, o.phase, o.line
            rows between unbounded preceding and current row
        ) as life,
        {% endif %}
        lag(o.op) over chain as last_op
    from operation as o
    window chain as (partition by o.person_id, o.slot, o.key order by o.step, o.phase, o.line)
)
{% if has_one_open %}
select
    l.* exclude (life),
    -- When the row was first told as open, since it was last removed: null = never.
    min(l.step) filter (l.op = 'put' and l.is_open) over (
        partition by l.person_id, l.slot, l.key, l.life order by l.step, l.phase, l.line
        rows between unbounded preceding and current row
    ) as opened
from linked as l;
{% else %}
select l.* from linked as l;
{% endif %}

-- A row that is to be removed and is not known, though it would be in force: something was missed.
insert into anomaly
select c.person_id, c.step, c.at, 'unknown row removed' as kind
from chained as c
where
    c.op = 'drop'
    and c.is_open
    and coalesce(c.last_op, 'drop') = 'drop';

create or replace temp table folded as
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
    inner join operation as o
        on
            s.person_id = o.person_id
            and s.slot = o.slot
            and s.valid_from < o.valid_from
            and o.step * 3 + o.phase < s.sweep_instant
            {% for column in table.one_open_by %}
            and s.{{ column }} is not distinct from o.{{ column }}
            {% endfor %}
    where s.sweep_instant is not null and s.one_open and o.one_open and o.op = 'put' and o.is_open
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

{% if has_one_open %}
-- Two rows in force where there can be one, and no date that tells which.
insert into anomaly
select f.person_id::uuid, null as step, max(f.recorded_from) as at, 'two open rows' as kind
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
