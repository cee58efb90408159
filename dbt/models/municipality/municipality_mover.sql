with stay_version as (
    select
        h.*,
        min(h.recorded_from) over (
            partition by h.person_id, h.municipality_code, h.valid_from
        ) as first_recorded
    from {{ source('register', 'home_municipality') }} as h
    where not h.withheld and h.recorded_from <= {{ recorded_at() }}
),

stay as (
    select
        v.*,
        lag(v.municipality_code) over stays as from_municipality_code
    from stay_version as v
    where {{ recorded('v') }}
    window stays as (
        partition by v.person_id order by v.valid_from nulls first, v.valid_to, v.row_id
    )
),

address_version as (
    select
        a.*,
        jsonb_build_array(
            -- A renamed street is the same building.
            coalesce(
                a.building_id,
                concat_ws('|', a.postal_code, a.street_fi, a.street_sv, a.house_number)
            ),
            a.stairwell, a.apartment_number, a.apartment_division
        ) as dwelling,
        min(a.recorded_from) over (partition by a.person_id, a.valid_from) as first_recorded
    from {{ source('register', 'address') }} as a
    where
        a.address_type = 'permanent_domestic'
        and not a.withheld
        and a.recorded_from <= {{ recorded_at() }}
),

address as (
    select
        v.*,
        lag(v.municipality_code) over addresses as from_municipality_code,
        lag(v.dwelling) over addresses as from_dwelling
    from address_version as v
    where {{ recorded('v') }}
    window addresses as (
        partition by v.person_id order by v.valid_from nulls first, v.valid_to, v.row_id
    )
),

move as (
    select
        s.person_id,
        s.valid_from as moved_on,
        case
            when {{ is_outside_finland('s.municipality_code') }} then 'emigration'
            when s.from_municipality_code is null then 'immigration'
            when {{ is_outside_finland('s.from_municipality_code') }} then 'immigration'
            else 'between_municipalities'
        end as kind,
        s.from_municipality_code,
        s.municipality_code as to_municipality_code,
        s.first_recorded as recorded_at
    from stay as s
    left join {{ source('register', 'birth') }} as b
        on s.person_id = b.person_id and {{ recorded('b') }}
    where
        s.from_municipality_code <> s.municipality_code
        -- The first stay of a person born abroad; any other first stay is a birth, or has an
        -- origin that the source did not tell.
        or (
            s.from_municipality_code is null
            and b.birth_municipality_code = '200'
            and (b.birth_date is null or b.birth_date < s.valid_from)
        )
    union all
    select
        a.person_id,
        a.valid_from as moved_on,
        'within_municipality' as kind,
        a.from_municipality_code,
        a.municipality_code as to_municipality_code,
        a.first_recorded as recorded_at
    from address as a
    where
        a.from_municipality_code = a.municipality_code
        and a.from_dwelling <> a.dwelling
),

scoped_move as (
    select
        m.person_id,
        m.moved_on,
        m.kind,
        m.from_municipality_code,
        m.to_municipality_code,
        m.recorded_at,
        coalesce({{ in_scope('m.from_municipality_code') }}, false) as from_scope,
        coalesce({{ in_scope('m.to_municipality_code') }}, false) as to_scope
    from move as m
)

select
    m.person_id,
    m.moved_on,
    m.kind,
    m.from_municipality_code,
    m.to_municipality_code,
    m.recorded_at,
    case
        when m.from_scope and m.to_scope then 'inside'
        when m.to_scope then 'in'
        else 'out'
    end as direction
from scoped_move as m
left join {{ ref('location_guard') }} as g on m.person_id = g.person_id
where
    (m.from_scope or m.to_scope)
    and m.moved_on <= {{ valid_at() }}
    and not {{ is_withheld('g') }}
    -- A merger of municipalities moves nobody.
    and not exists (
        select 1
        from {{ ref('municipalities') }} as merged
        where
            merged.municipality_code = m.from_municipality_code
            and merged.successor_code = m.to_municipality_code
            and merged.valid_to::date + 1 = m.moved_on
    )
