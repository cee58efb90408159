{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='person_id',
    on_schema_change='fail',
    indexes=[{'columns': ['person_id']}, {'columns': ['publication_id']}],
    pre_hook='{{ note_touched() }}',
    post_hook='analyze {{ this }}',
) }}
{#- Kind of event → where it is told, the day of it, within what a person has one a day (`slot`),
    and what tells it from another one of the slot (`same`). -#}
{% set kinds = {
    'move': {
        'table': 'home_municipality', 'day': 'valid_from', 'slot': [],
        'same': ['municipality_code'],
    },
    'address': {
        'table': 'address', 'day': 'valid_from', 'slot': ['address_type'],
        'same': ['postal_code', 'street_fi', 'street_sv', 'house_number', 'apartment_number'],
        'only': "e.address_type = 'permanent_domestic'",
    },
    'death': {
        'table': 'death', 'day': 'death_date', 'slot': ['is_dead'], 'same': [],
        'only': 'e.is_dead',
    },
    'citizenship': {
        'table': 'citizenship', 'day': 'valid_from', 'slot': ['country_code', 'country_name'],
        'same': [],
    },
    'marriage': {
        'table': 'marriage', 'day': 'valid_from', 'slot': ['union_type'],
        'same': ['order_number'],
    },
} %}
{% set touched = 'touched' if is_incremental() else none %}
with touched as materialized (
    {% if is_incremental() %}
        select t.person_id
        from touched_since as t
    {% else %}
        -- Not read: everybody's rows are made.
        select p.person_id
        from {{ source('register', 'person') }} as p
    {% endif %}
),

-- What was told later than the person: the first row of each event.
{% for kind, event in kinds.items() %}
    {{ kind }} as (
        {{ told_later(touched=touched, **event) }}
    ),

{% endfor %}
-- What made the source tell of a person who was not known: the birth, or the move into the scope.
arrival as (
    select distinct
        p.person_id,
        h.valid_from as happened_on,
        p.first_recorded as recorded_at,
        coalesce(h.valid_from = b.birth_date, false) as is_birth
    from {{ source('register', 'scope_member') }} as m
    inner join {{ source('register', 'person') }} as p
        on m.person_id = p.person_id and m.first_recorded = p.first_recorded
    {% if touched %}inner join {{ touched }} as t on m.person_id = t.person_id{% endif %}

    inner join {{ source('register', 'home_municipality') }} as h
        on p.person_id = h.person_id and p.first_recorded = h.recorded_from
    inner join {{ ref('scope_began') }} as s
        on m.subscription = s.subscription and h.municipality_code = s.municipality_code
    left join {{ source('register', 'birth') }} as b
        on
            p.person_id = b.person_id
            and p.first_recorded = b.recorded_from
            and b.birth_date_precision = 'day'
    where
        (m.first_recorded at time zone 'Europe/Helsinki')::date > s.began_on
        and h.valid_from >= s.began_on
        and h.valid_from_precision = 'day'
        and not h.withheld
),

told as (
    {% for kind in kinds %}
        select
            '{{ kind }}' as kind,
            e.person_id,
            e.happened_on,
            e.recorded_at
        from {{ kind }} as e
        {% if kind == 'move' %}
            -- A merger of municipalities moves nobody.
            where
                not exists (
                    select 1
                    from {{ source('register', 'home_municipality') }} as h
                    inner join {{ ref('municipalities') }} as merged
                        on h.municipality_code = merged.municipality_code
                    where
                        h.person_id = e.person_id
                        and h.valid_to = e.happened_on
                        and merged.successor_code is not null
                        and merged.valid_to::date + 1 = e.happened_on
                )
        {% endif %}
        union all
    {% endfor %}
    select
        case when a.is_birth then 'birth' else 'move' end as kind,
        a.person_id,
        a.happened_on,
        a.recorded_at
    from arrival as a
)

{{ rows_to_keep('told', ['kind', 'happened_on', 'recorded_at']) }}
