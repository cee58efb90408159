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
-- The boolean decides; a planned end that has passed changes nothing (contract §7).
{{ guarding_rows('protection_order', 'r.is_active is not false', is_protected=true) }}
{% for table in location_tables() %}
    union all
    {{ guarding_rows(table, 'r.withheld', is_protected=false) }}
{% endfor %}
