-- Persons by sex and age group at the end of the newest month that is over.
select
    p.month_end,
    p.sex,
    least(p.age / 5 * 5, 95) as age_from,
    sum(p.population)::bigint as persons
from statistics.population as p
where
    p.basis = 'corrected'
    and p.month_end
    = (date_trunc('month', now() at time zone 'Europe/Helsinki') - interval '1 day')::date
    and p.age is not null
group by p.month_end, p.sex, age_from
order by p.sex, age_from;
