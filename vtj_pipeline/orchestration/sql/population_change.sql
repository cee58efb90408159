-- What made the population change in the newest month that is over.
select
    c.month_start,
    sum(c.opening)::bigint as opening,
    sum(c.births)::bigint as births,
    sum(c.deaths)::bigint as deaths,
    sum(c.moved_in)::bigint as moved_in,
    sum(c.moved_out)::bigint as moved_out,
    sum(c.immigration)::bigint as immigration,
    sum(c.emigration)::bigint as emigration,
    sum(c.correction)::bigint as correction,
    sum(c.closing)::bigint as closing
from statistics.population_change as c
where
    c.basis = 'corrected'
    and c.month_start
    = (date_trunc('month', now() at time zone 'Europe/Helsinki') - interval '1 month')::date
group by c.month_start;
