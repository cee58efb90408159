-- A year's figures are published when they are final; moves of the running year are not yet.
with published_year as (
    select
        y.year,
        {{ year_final_at('y.year') }} as known_at
    from (
        select distinct extract(year from m.month_start)::integer as year
        from {{ ref('statistics_month') }} as m
    ) as y
    where
        make_date(y.year, 12, 31) <= {{ valid_at() }}
        and {{ is_published(year_final_at('y.year')) }}
),

move as (
    select
        'corrected' as basis,
        extract(year from p.valid_from)::integer as year,
        p.entry_from,
        p.municipality_code,
        p.birth_date,
        p.valid_from,
        p.entry_kind,
        p.in_scope
    from {{ ref('counted_period') }} as p
    where
        p.valid_from >= {{ since_first_records('first_whole_month') }}
        and p.valid_from <= {{ valid_at() }}
    union all
    select
        'published' as basis,
        q.year,
        q.entry_from,
        q.municipality_code,
        q.birth_date,
        q.valid_from,
        q.entry_kind,
        q.in_scope
    from ({{ shown_periods('moment.known_at', moments='published_year') }}) as q
    where
        q.valid_from >= greatest(
            make_date(q.year, 1, 1), {{ since_first_records('first_whole_month') }}
        )
        and q.valid_from < make_date(q.year + 1, 1, 1)
),

seen as (
    select
        m.*,
        -- Known by the municipality of the scope that it leads to, else by the one it left.
        {{ since_records_began('first_whole_month') }} as known_since
    from (
        select
            v.*,
            case when v.in_scope then v.municipality_code else v.entry_from end as known_in
        from move as v
    ) as m
    {{ join_began('m.known_in') }}
    where
        m.entry_kind in ('between_municipalities', 'immigration', 'emigration')
        and (m.in_scope or {{ in_scope('m.entry_from') }})
),

flow as (
    select
        s.basis,
        s.year,
        {{ division('s.entry_from') }} as from_municipality_code,
        {{ division('s.municipality_code') }} as to_municipality_code,
        {{ age_group(age_on('s.birth_date', 's.valid_from')) }} as age_group,
        (
            s.known_since <= make_date(s.year, 1, 1)
            and make_date(s.year, 12, 31) <= {{ valid_at() }}
        ) as is_whole_year
    from seen as s
    where s.valid_from >= s.known_since
)

select
    f.from_municipality_code,
    a.name_fi as from_municipality_name_fi,
    f.to_municipality_code,
    b.name_fi as to_municipality_name_fi,
    f.year,
    f.is_whole_year,
    f.age_group,
    f.basis,
    count(*) as moves
from flow as f
left join {{ ref('municipalities') }} as a on f.from_municipality_code = a.municipality_code
left join {{ ref('municipalities') }} as b on f.to_municipality_code = b.municipality_code
where f.from_municipality_code is distinct from f.to_municipality_code
group by
    f.from_municipality_code, a.name_fi, f.to_municipality_code, b.name_fi, f.year, f.is_whole_year,
    f.age_group, f.basis
