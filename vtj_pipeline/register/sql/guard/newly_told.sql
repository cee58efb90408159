-- Persons of whom a product by home municipality tells for the first time and whose home is known,
-- and how many of them live outside its municipalities. Runs in PostgreSQL; in: `told_before`, and
-- `touched` unless `everyone`.
{% from 'of_touched.jinja' import rows %}
with told as (
    select
        m.subscription,
        m.person_id
    from {{ rows('scope_member', 'm', everyone) }}
    where m.subscription in (select c.subscription from register.scope_municipality as c)
),

newly_told as (
    select
        n.subscription,
        n.person_id,
        bool_or(s.municipality_code is not null) as is_inside
    from (
        select * from told
        except
        select * from told_before
    ) as n
    inner join register.home_municipality as h on n.person_id = h.person_id
    left join register.scope_municipality as s
        on n.subscription = s.subscription and h.municipality_code = s.municipality_code
    where
        h.recorded_to is null
        and h.valid_to is null
        and not h.withheld
        and h.municipality_code is not null
    group by n.subscription, n.person_id
)

select
    n.subscription,
    count(*) as persons,
    count(*) filter (where not n.is_inside) as outside
from newly_told as n
group by n.subscription
order by n.subscription
