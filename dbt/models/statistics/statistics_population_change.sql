{#- Closing is counted, not summed up: that the parts lead to it is a test. -#}
{% set parts = change_parts() | map('first') | list %}
-- Read twice, and made for the months that are asked for: kept, it would be made for all.
with counted as not materialized (
    select
        c.basis,
        c.month_end,
        c.municipality_code,
        c.sex,
        sum(c.population) as population
    from {{ ref('population_count') }} as c
    group by c.basis, c.month_end, c.municipality_code, c.sex
),

figure as (
    select
        c.basis,
        date_trunc('month', c.month_end)::date as month_start,
        c.municipality_code,
        c.sex,
        0 as opening,
        0 as restated,
        c.population as closing,
    {% for part in parts %}
        0 as {{ part }}{{ ',' if not loop.last }}
    {% endfor %}
    from counted as c
    where
        c.basis <> 'restated'
        and c.month_end >= (select min(m.month_start) from {{ ref('statistics_month') }} as m)
    union all
    -- What was published of the month before; the first publication has none before it.
    select
        case when c.basis = 'restated' then 'published' else c.basis end as basis,
        m.month_start,
        c.municipality_code,
        c.sex,
        case
            when c.basis <> 'restated' or m.is_first then c.population
            else 0
        end as opening,
        case when c.basis = 'restated' then c.population else 0 end as restated,
        0 as closing,
    {% for part in parts %}
        0 as {{ part }}{{ ',' if not loop.last }}
    {% endfor %}
    from counted as c
    inner join {{ ref('statistics_month') }} as m on c.month_end + 1 = m.month_start
    where c.basis = 'corrected' or m.is_published
    union all
    select
        f.basis,
        f.month_start,
        f.municipality_code,
        f.sex,
        0 as opening,
        0 as restated,
        0 as closing,
    {% for part in parts %}
        f.{{ part }}{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('population_flow') }} as f
),

cell as (
    select
        f.municipality_code,
        f.month_start,
        f.basis,
        f.sex,
    {% for part in ['opening', 'restated', 'closing'] + parts %}
        sum(f.{{ part }})::bigint as {{ part }}{{ ',' if not loop.last }}
    {% endfor %}
    from figure as f
    group by f.municipality_code, f.month_start, f.basis, f.sex
),

restated as (
    select
        c.*,
        case when c.basis = 'published' then c.restated - c.opening else 0 end as restatement
    from cell as c
),

corrected as (
    select
        r.*,
        r.unexplained + r.area_change + r.restatement as correction
    from restated as r
)

select
    c.municipality_code,
    m.name_fi as municipality_name_fi,
    m.name_sv as municipality_name_sv,
    c.month_start,
    c.basis,
    c.sex,
    c.opening,
    c.births,
    c.deaths,
    c.moved_in,
    c.moved_out,
    c.immigration,
    c.emigration,
    c.correction,
    c.area_change,
    c.restatement,
    c.closing
from corrected as c
left join {{ ref('municipalities') }} as m on c.municipality_code = m.municipality_code
{{ join_began('c.municipality_code') }}
where c.month_start >= {{ since_records_began('first_whole_month') }}
