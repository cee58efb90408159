-- Rows about another person whose code may be somebody else's by now. Runs in PostgreSQL.
-- In: `touched`. Jinja: `table`. Out: `candidate`.
create temporary table candidate as
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_identity_code is not null and r.person_id in (
    select t.person_id from touched as t
)
union
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_person_id in (select t.person_id from touched as t)
union
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_identity_code in (
    select i.identity_code
    from register.identity_code as i
    inner join touched as t on i.person_id = t.person_id
)
