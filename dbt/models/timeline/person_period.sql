{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='person_id',
    on_schema_change='fail',
    indexes=[
        {'columns': ['person_id']},
        {'columns': ['municipality_code', 'valid_to', 'valid_from']},
        {'columns': ['publication_id']},
        {'columns': ['dwelling_key']},
    ],
    pre_hook=["set local work_mem = '256MB'", '{{ note_touched() }}'],
    post_hook=[
        '{% if not is_incremental() %}create index on {{ this }} (person_id) where is_hidden{% endif %}',
        'analyze {{ this }}',
    ],
) }}
{#- A withheld home has no municipality, and entry and leave are changes of place between cells that
    touch; see person_period.yml. -#}
{% set facts = timeline_facts() %}
{% set columns = timeline_columns() %}
with touched as materialized (
    {% if is_incremental() %}
        select t.person_id
        from touched_since as t
    {% else %}
        select t.person_id
        from {{ source('register', 'person') }} as t
        union
        -- Somebody whom the register lost is shown, and without a place.
        select h.person_id
        from {{ source('register', 'home_municipality') }} as h
    {% endif %}
),

-- When the knowledge of a person changed, and from when to when it stayed the same.
moment as (
    {% for fact in facts %}
        select
            r.person_id,
            r.recorded_from as known_from
        from {{ source('register', fact.table) }} as r
        inner join touched as t on r.person_id = t.person_id
        {% if fact.only %}where {{ fact.only }}{% endif %}
        union
        select
            r.person_id,
            r.recorded_to as known_from
        from {{ source('register', fact.table) }} as r
        inner join touched as t on r.person_id = t.person_id
        where r.recorded_to is not null {% if fact.only %}and {{ fact.only }}{% endif %}
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

slab as (
    select
        m.person_id,
        m.known_from as recorded_from,
        lead(m.known_from, 1, 'infinity'::timestamptz) over (
            partition by m.person_id order by m.known_from
        ) as recorded_to,
        min(m.known_from) over (partition by m.person_id) as first_known
    from moment as m
),

life as (
    select
        s.*,
        b.birth_date,
        d.dead_from,
        coalesce(b.birth_municipality_code = '200', false) as born_abroad
    from slab as s
    left join lateral ({{ standing_row('birth', 's') }}) as b on true
    left join lateral (
        select min({{ dead_from('r', 's.first_known') }}) as dead_from
        from {{ source('register', 'death') }} as r
        where r.person_id = s.person_id and {{ recorded('r', 's.recorded_from') }}
    ) as d on true
),

-- The days on which anything began or ended, as known then; nobody lives before being born.
cell as (
    select
        l.*,
        c.starts_on as valid_from,
        least(
            lead(c.starts_on, 1, 'infinity'::date) over (
                partition by l.person_id, l.recorded_from order by c.starts_on
            ),
            l.dead_from
        ) as valid_to
    from life as l
    cross join lateral (
        {% for fact in facts if fact.dated %}
            select greatest(coalesce(r.valid_from, '-infinity'::date), l.birth_date) as starts_on
            from ({{ known_rows(fact, 'l') }}) as r
            union
            select greatest(r.valid_to, l.birth_date) as starts_on
            from ({{ known_rows(fact, 'l') }}) as r
            where r.valid_to is not null
            {% if not loop.last %}union{% endif %}
        {% endfor %}
    ) as c
),

placed as (
    select
        c.person_id,
        c.recorded_from,
        c.recorded_to,
        c.valid_from,
        c.valid_to,
        case when not h.withheld then h.municipality_code end as municipality_code,
        h.withheld as home_withheld,
        case when not h.withheld then h.valid_from end as resident_since,
        c.birth_date,
        c.born_abroad,
        x.sex,
        l.language_code as mother_tongue,
        z.country_code as citizenship_code,
        coalesce(i.identity_code, p.identity_code) as identity_code,
        coalesce(n.last_name_utf8, n.last_name) as last_name,
        coalesce(n.first_names_utf8, n.first_names) as first_names,
        n.call_name,
        {% for column in [
            'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
            'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
        ] %}
            case when not a.withheld then a.{{ column }} end as {{ column }},
        {% endfor %}
        case when not a.withheld then {{ dwelling_of('a') }} end as dwelling_key,
        case when not q.withheld then q.residence_type end as residence_type,
        case when not q.withheld then q.institution_kind end as institution_kind,
        c.dead_from
    from cell as c
    inner join lateral ({{ standing_row('home_municipality', 'c') }}) as h on true
    left join {{ source('register', 'person') }} as p on c.person_id = p.person_id
    left join lateral ({{ standing_row('address', 'c') }}) as a on true
    left join lateral ({{ standing_row('residence', 'c') }}) as q on true
    left join lateral ({{ standing_row('language', 'c') }}) as l on true
    left join lateral (
        -- Of several citizenships the Finnish one counts (Statistics Finland).
        select r.country_code
        from (
            {{ known_rows({'table': 'citizenship', 'only': 'not r.withheld'}, 'c') }}
        ) as r
        where {{ valid('r', 'c.valid_from') }} and r.is_active is not false
        order by r.country_code = '246' desc nulls last, {{ standing_first('r', maskable=false) }}
        limit 1
    ) as z on true
    left join lateral ({{ standing_row('sex', 'c') }}) as x on true
    left join lateral ({{ standing_row('name', 'c') }}) as n on true
    left join lateral (
        {{ known_rows({'table': 'identity_code', 'only': 'r.is_active'}, 'c') }}
        -- Two codes are never in force at once; were they, the later one counts.
        order by r.recorded_from desc, r.row_id desc
        limit 1
    ) as i on true
    where c.valid_from < c.valid_to
),

hashed as (
    select
        p.*,
        md5(
            row(
                {% for column in columns %}
                    p.{{ column }}{{ ',' if not loop.last }}
                {% endfor %}
            )::text
        )::uuid as told
    from placed as p
),

-- Neighbours in valid time that tell the same are one.
valid_step as (
    select
        h.*,
        (
            lag(h.told) over days = h.told and lag(h.valid_to) over days = h.valid_from
        ) is not true as is_new
    from hashed as h
    window days as (partition by h.person_id, h.recorded_from order by h.valid_from)
),

valid_island as (
    select
        v.*,
        count(*) filter (where v.is_new) over (
            partition by v.person_id, v.recorded_from order by v.valid_from
        ) as island
    from valid_step as v
),

stretch as (
    select
        v.*,
        max(v.valid_to) over (
            partition by v.person_id, v.recorded_from, v.island
        ) as stretch_to
    from valid_island as v
),

-- What changed where one stretch meets the next.
neighbour as (
    select
        s.*,
        lag(s.stretch_to) over days as before_to,
        lag(s.municipality_code) over days as before_code,
        lag(s.home_withheld) over days as before_withheld,
        lag(s.dwelling_key) over days as before_dwelling,
        lag(s.building_id) over days as before_building
    from stretch as s
    where s.is_new
    window days as (partition by s.person_id, s.recorded_from order by s.valid_from)
),

entered as (
    select
        n.*,
        {{ entry_kind('n') }} as entry_kind,
        case when n.before_to = n.valid_from then n.before_code end as entry_from
    from neighbour as n
),

followed as (
    select
        e.*,
        lead(e.valid_from) over days as after_from,
        lead(e.entry_kind) over days as after_kind,
        lead(e.municipality_code) over days as after_code
    from entered as e
    window days as (partition by e.person_id, e.recorded_from order by e.valid_from)
),

left_how as (
    select
        f.*,
        case
            when f.after_from = f.stretch_to then f.after_kind
            when f.dead_from = f.stretch_to then 'death'
            when
                f.stretch_to < 'infinity'::date
                and not {{ is_outside_finland('f.municipality_code') }}
                then 'correction'
        end as leave_kind,
        case when f.after_from = f.stretch_to then f.after_code end as leave_to
    from followed as f
),

-- Neighbours in recorded time that tell the same of the same days are one.
recorded_step as (
    select
        t.*,
        (
            lag(t.told) over knowledge = t.told
            and lag(t.recorded_to) over knowledge = t.recorded_from
            and lag(t.entry_kind) over knowledge is not distinct from t.entry_kind
            and lag(t.entry_from) over knowledge is not distinct from t.entry_from
            and lag(t.leave_kind) over knowledge is not distinct from t.leave_kind
            and lag(t.leave_to) over knowledge is not distinct from t.leave_to
        ) is not true as is_newly_told
    from left_how as t
    window knowledge as (
        partition by t.person_id, t.valid_from, t.stretch_to order by t.recorded_from
    )
),

recorded_island as (
    select
        r.*,
        count(*) filter (where r.is_newly_told) over (
            partition by r.person_id, r.valid_from, r.stretch_to order by r.recorded_from
        ) as told_island
    from recorded_step as r
),

period as (
    select
        r.*,
        max(r.recorded_to) over (
            partition by r.person_id, r.valid_from, r.stretch_to, r.told_island
        ) as told_to
    from recorded_island as r
),

kept as (
    select p.*
    from period as p
    where p.is_newly_told
)

select
    t.person_id,
    p.valid_from,
    p.stretch_to as valid_to,
    p.recorded_from,
    p.told_to as recorded_to,
    {% for column in columns if column not in ('born_abroad', 'dead_from') %}
        p.{{ column }},
    {% endfor %}
    {{ language_group('p.mother_tongue') }} as language_group,
    {{ citizenship_group('p.citizenship_code') }} as citizenship_group,
    p.entry_kind,
    p.entry_from,
    p.leave_kind,
    p.leave_to,
    r.person_id is not null as is_known,
    coalesce(p.home_withheld, false) or r.person_id is null as is_hidden,
    {{ followed_publication() }} as publication_id
from touched as t
-- Whoever has no period keeps one empty row, so that what stood before goes away.
left join kept as p on t.person_id = p.person_id
left join {{ source('register', 'person') }} as r on t.person_id = r.person_id
-- A municipality's rows lie side by side.
order by p.municipality_code, t.person_id
