{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}",
) }}
{#- A table, since every statistic reads it, and filled anew where it stands (dbt_project.yml says
    why). A change of the evening before may come with the basic data, so most persons' day counts. -#}
with first_told as (
    select
        m.subscription,
        mode() within group (
            order by (m.first_recorded at time zone 'Europe/Helsinki')::date
        ) as began_on
    from {{ source('register', 'scope_member') }} as m
    group by m.subscription
)

select
    s.subscription,
    s.municipality_code,
    f.began_on,
    -- Whoever had left earlier in that month is not known, and who had come is.
    date_trunc('month', f.began_on + interval '1 month - 1 day')::date as first_whole_month
from {{ source('register', 'scope_municipality') }} as s
inner join first_told as f on s.subscription = f.subscription
