-- Made once: for each part, or each person whom a view asks of, it would be made again.
with companion as materialized (
    select k.*
    from {{ ref('companion') }} as k
)

{{ shown_periods(recorded_at(), but='companion') }}
union all
{{ companions_periods() }}
