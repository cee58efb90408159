-- Of whom of the touched persons a product by home municipality has told before. Runs in PostgreSQL;
-- in: `touched` unless `everyone`. Out: `told_before`.
{% from 'of_touched.jinja' import rows %}
create temp table told_before as
select
    m.subscription,
    m.person_id
from {{ rows('scope_member', 'm', everyone) }}
where m.subscription in (select s.subscription from register.scope_municipality as s)
