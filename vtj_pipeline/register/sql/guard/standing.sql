-- How many persons stand, by what of them does. Runs in PostgreSQL; in: `touched` unless `everyone`.
{% from 'of_touched.jinja' import rows %}
with person as (
    select
        count(*) as persons,
        count(*) filter (where p.is_alive) as living
    from {{ rows('person', 'p', everyone) }}
)

select
    'persons in the register' as what,
    p.persons
from person as p
union all
select
    'living persons' as what,
    p.living as persons
from person as p
union all
select
    'persons with a home municipality' as what,
    count(distinct h.person_id) as persons
from {{ rows('home_municipality', 'h', everyone) }}
where h.recorded_to is null and (h.withheld or h.valid_to is null)
union all
select
    'persons in the scope of ' || m.subscription as what,
    count(*) as persons
from {{ rows('scope_member', 'm', everyone) }}
where m.is_member
group by m.subscription
