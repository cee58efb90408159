-- Events → the history of one table of keyed rows (design §7.2). Runs in DuckDB.
-- In: `person_event`. Out: `folded`.
-- Jinja: `table`, `columns` [name], `open_when`, `maskable`, `groups` (fold.group_values).
-- Three operations: put(slot, key, row), drop(slot, key), sweep(slot). Within a message (`step`)
-- sweeps act first, then drops, then puts: `phase` 0, 1, 2.
create or replace temp table stated as
{% for g in groups %}
{% for origin in ('row', 'valid_now') %}
{% if not (origin == 'valid_now' and g.whole_list) %}
select
    e.person_id, e.step, e.line, e.at, e.change_type, {{ "'" ~ g.name ~ "'" if g.slot else 'e.tietoryhma' }} as source_group,
    {{ "'" ~ g.slot ~ "'" if g.slot else 'e.tietoryhma' }} as slot,
    {% if origin == 'row' %}'{{ 'list' if g.whole_list else 'row' }}'{% else %}'valid_now'{% endif %} as origin,
    {{ 'true' if g.sweeps else 'false' }} as sweeps,
    {% for column in g.columns %}
    {{ column.sql }} as {{ column.name }},
    {% endfor %}
    {{ g.condition }} as wanted
from (
    select
        p.*,
        {% if g.name == '*' %}
        {{ "p.payload" if origin == 'row' else
           "json_merge_patch(unnest(from_json(p.valid_now, '[\"JSON\"]')), '{\"tietoryhma\":null}')::varchar" }} as r
        {% elif g.whole_list %}
        unnest(from_json(p.payload, '{{ g.structure }}').{{ g.whole_list }}) as r
        {% else %}
        {{ "from_json(p.payload, '" ~ g.structure ~ "')" if origin == 'row' else
           "unnest(from_json(p.valid_now, '[" ~ g.structure ~ "]'))" }} as r
        {% endif %}
    from person_event as p
    where
        {{ g.filter }}
        and not p.masked
        and p.change_type <> 'LISATIETO'
        {{ 'and p.valid_now is not null' if origin == 'valid_now' }}
) as e
union all by name
{% endif %}
{% endfor %}
{% endfor %}
{% if implicit_codes %}
-- A code that a message names belongs to its person, in force unless a correction says otherwise.
select
    e.person_id, e.step, 0 as line, e.at, 'LISATTY' as change_type, 'subject' as source_group,
    '{{ table }}' as slot, 'row' as origin, false as sweeps,
    e.subject as identity_code, true as is_active, true as wanted
from person_event as e
where not exists (
    select 1 from person_event as c
    where
        c.person_id = e.person_id
        and c.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
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
{% for g in groups if maskable %}
select
    e.person_id, e.step, e.line, e.at, {{ "'" ~ g.name ~ "'" if g.slot else 'e.tietoryhma' }} as source_group,
    {{ "'" ~ g.slot ~ "'" if g.slot else 'e.tietoryhma' }} as slot,
    {% for column in g.constants %}
    {{ column.sql }} as {{ column.name }},
    {% endfor %}
    e.change_type in ('POISTETTU', 'KORJATTAVA') as is_removal,
    true as withheld
from person_event as e
where
    {{ g.filter }}
    and e.masked
    and e.change_type <> 'LISATIETO'
union all by name
{% endfor %}
select
    null::uuid as person_id, null::bigint as step, null::integer as line,
    null::timestamptz as at, null::varchar as source_group, null::varchar as slot,
    false as is_removal, true as withheld
where false;

create or replace temp table operation as
with put as (
    select
        s.* exclude (wanted, sweeps, change_type, origin),
        {{ 'false' if maskable else 'null' }} as withheld,
        concat_ws(chr(31), {% for k in key %}coalesce({{ k }}::varchar, ''), {% endfor %}s.slot) as key,
        2 as phase,
        'put' as op,
        ({{ open_when }}) as is_open
    from stated as s
    where
        s.wanted
        and (
            s.origin = 'valid_now'
            -- What a removal lists is what remains; what a correction replaces was wrong.
            or (s.origin = 'list' and s.change_type <> 'KORJATTAVA')
            or s.change_type in ('LISATTY', 'MUUTETTU', 'KORJATTU', 'SNAPSHOT')
        )
),
dropped as (
    select
        s.person_id, s.step, s.line, s.at, s.slot, s.source_group,
        concat_ws(chr(31), {% for k in key %}coalesce({{ k }}::varchar, ''), {% endfor %}s.slot) as key,
        1 as phase,
        'drop' as op
    from stated as s
    where s.wanted and s.origin = 'row' and s.change_type in ('POISTETTU', 'KORJATTAVA')
)
select * from put
union all by name
select * from dropped
{% if maskable %}
union all by name
select
    m.* exclude (is_removal), chr(31) || m.slot as key, 2 as phase, 'put' as op, true as is_open
from masked_slot as m
where not m.is_removal
union all by name
select
    m.person_id, m.step, m.line, m.at, m.slot, m.source_group,
    chr(31) || m.slot as key, 1 as phase, 'drop' as op
from masked_slot as m
where m.is_removal
union all by name
-- An open row that is told in the clear ends what was withheld.
select
    p.person_id, p.step, p.line, p.at, p.slot, p.source_group,
    chr(31) || p.slot as key, 1 as phase, 'drop' as op
from put as p
inner join (select distinct person_id, slot from masked_slot) as m using (person_id, slot)
where p.is_open
{% endif %};

create or replace temp table sweep as
with wanted as (
    select s.person_id, s.slot, s.step, s.at, false as closed_too
    from stated as s
    where s.sweeps and s.change_type = 'SNAPSHOT'
    union
    -- A list tells all there is after the change, what has ended included.
    select s.person_id, s.slot, s.step, s.at, true
    from stated as s
    where s.origin = 'list' and s.change_type not in ('SNAPSHOT', 'KORJATTAVA')
    union
    select m.person_id, m.slot, m.step, m.at, false
    from masked_slot as m
    where not m.is_removal
)
select w.person_id, w.slot, w.step * 3 as instant, w.at, true as is_open from wanted as w
union
select w.person_id, w.slot, w.step * 3, w.at, false from wanted as w where w.closed_too;

create or replace temp table folded as
with chained as (
    select
        o.*,
        o.step * 3 + o.phase as instant,
        lead(o.at) over chain as next_at,
        lead(o.step * 3 + o.phase) over chain as next_instant
    from operation as o
    window chain as (partition by o.person_id, o.slot, o.key order by o.step, o.phase, o.line)
),
swept as (
    select c.*, w.instant as sweep_instant, w.at as sweep_at
    from chained as c
    asof left join sweep as w
        on
            c.person_id = w.person_id
            and c.slot = w.slot
            and c.is_open = w.is_open
            and c.instant < w.instant
    where c.op = 'put'
),
bounded as (
    select
        s.*,
        s.at as recorded_from,
        case
            when s.sweep_instant <= coalesce(s.next_instant, s.sweep_instant) then s.sweep_at
            else s.next_at
        end as recorded_to
    from swept as s
),
{% include 'fold_merge.sql' %}
