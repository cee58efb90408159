-- Which subscription told of a person, and from when to when. Runs in DuckDB.
select
    t.subscription,
    c.person_id,
    min(t.first_recorded) as first_recorded,
    max(t.last_recorded) as last_recorded
from told as t
inner join person_code as c on t.subject = c.code
group by t.subscription, c.person_id
