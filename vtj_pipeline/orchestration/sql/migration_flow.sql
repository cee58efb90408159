-- Moves between municipalities, into and out of each, in the newest year that is over.
with municipality as (
    -- Abroad and unknown are no municipalities.
    select
        r.municipality_code,
        r.name_fi
    from reference.municipalities as r
    where r.kind = 'municipality'
),

flow as (
    select
        f.year,
        o.name_fi as moved_from,
        d.name_fi as moved_to,
        f.moves
    from statistics.migration_flow as f
    inner join municipality as o on f.from_municipality_code = o.municipality_code
    inner join municipality as d on f.to_municipality_code = d.municipality_code
    where
        f.basis = 'corrected'
        and f.year = extract(year from now() at time zone 'Europe/Helsinki')::integer - 1
        and f.from_municipality_code <> f.to_municipality_code
),

moved as (
    select
        f.year,
        f.moved_to as municipality,
        f.moves as moved_in,
        0 as moved_out
    from flow as f
    union all
    select
        f.year,
        f.moved_from as municipality,
        0 as moved_in,
        f.moves as moved_out
    from flow as f
)

select
    m.year,
    m.municipality,
    sum(m.moved_in)::bigint as moved_in,
    sum(m.moved_out)::bigint as moved_out
from moved as m
group by m.year, m.municipality
order by m.municipality;
