-- Whose place nobody may learn now, by the register's own tables and not by what the views read, so
-- that a fault of theirs shows. Runs in PostgreSQL. Jinja: `tables`: of places. Out: `guarded`.
drop table if exists pg_temp.guarded;
create temp table guarded on commit drop as
select p.person_id
from register.person as p
where p.is_protected is not false
union
select o.person_id
from register.protection_order as o
where o.recorded_to is null and o.is_active is not false
{% for table in tables %}
union
select r.person_id
from register.{{ table }} as r
where r.recorded_to is null and r.withheld
{% endfor %}
