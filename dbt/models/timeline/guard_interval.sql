-- What stands now guards whatever time is asked for: looking back never shows whom an order
-- protects now. What has ended guards the knowledge of its own time: looking from now never shows
-- more than was allowed then.
select
    p.person_id,
    '-infinity'::timestamptz as known_from,
    'infinity'::timestamptz as known_to,
    true as is_protected
from {{ source('register', 'person') }} as p
where p.is_protected is not false
union all
select
    o.person_id,
    case
        when o.recorded_to is null then '-infinity'::timestamptz
        else o.recorded_from
    end as known_from,
    coalesce(o.recorded_to, 'infinity'::timestamptz) as known_to,
    true as is_protected
from {{ source('register', 'protection_order') }} as o
-- The boolean decides; a planned end that has passed changes nothing (contract §7).
where o.is_active is not false
{% for table in location_tables() %}
    union all
    select
        w.person_id,
        case
            when w.recorded_to is null then '-infinity'::timestamptz
            else w.recorded_from
        end as known_from,
        coalesce(w.recorded_to, 'infinity'::timestamptz) as known_to,
        false as is_protected
    from {{ source('register', table) }} as w
    where w.withheld
{% endfor %}
