-- A move is the start of a period that another one led to; one that leaves the scope starts one
-- outside it.
select
    p.person_id,
    p.valid_from as moved_on,
    p.entry_kind as kind,
    p.entry_from as from_municipality_code,
    p.municipality_code as to_municipality_code,
    (
        select min(q.recorded_from)
        from {{ ref('person_period') }} as q
        where
            q.person_id = p.person_id
            and q.valid_from = p.valid_from
            and q.entry_kind = p.entry_kind
            and q.municipality_code = p.municipality_code
            and q.entry_from is not distinct from p.entry_from
    ) as recorded_at,
    case
        when p.in_scope and {{ in_scope('p.entry_from') }} then 'inside'
        when p.in_scope then 'in'
        else 'out'
    end as direction
from {{ ref('shown_period') }} as p
where
    p.entry_kind in ('between_municipalities', 'within_municipality', 'immigration', 'emigration')
    and not p.location_withheld
    and p.valid_from <= {{ valid_at() }}
    and (p.in_scope or {{ in_scope('p.entry_from') }})
