with aged as (
    select
        p.*,
        -- As long as nothing is proven, the first day's changes grow old at the source.
        coalesce(p.reached_at, p.starts_on::timestamp at time zone 'Europe/Helsinki') as since
    from {{ source('ledger', 'proven_cursor') }} as p
)

select
    a.subscription,
    a.cursor,
    a.reached_at,
    a.proven_day,
    {{ age_in_days('a.since') }} as age_days,
    {{ var('cursor_kept_days') }} as kept_days,
    case
        when {{ is_older('a.since', var('cursor_error_days')) }} then 'error'
        when {{ is_older('a.since', var('cursor_warn_days')) }} then 'warn'
        else 'ok'
    end as judgement,
    a.days_behind,
    a.open_breaks,
    a.proven_at,
    a.looked_at
from aged as a
