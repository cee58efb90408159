-- Rows about another person whose code may be somebody else's by now. Runs in PostgreSQL.
-- In: `touched_whole`, `touched_in`. Jinja: `table`. Out: `candidate`. Codes of persons who are folded in
-- some tables alone are theirs as before.
{% from 'of_touched.jinja' import folded_of %}
create temporary table candidate as
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_identity_code is not null and r.person_id in (
    select t.person_id from {{ folded_of(table) }} as t
)
union
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_person_id in (select w.person_id from touched_whole as w)
union
select r.row_id, r.related_identity_code, r.related_person_id
from register.{{ table }} as r
where r.related_identity_code in (
    select i.identity_code
    from register.identity_code as i
    inner join touched_whole as w on i.person_id = w.person_id
)
