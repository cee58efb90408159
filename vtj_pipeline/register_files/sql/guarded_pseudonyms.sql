-- By which pseudonyms the persons go whose place nobody may learn now. Runs in PostgreSQL, behind
-- privacy/sql/guarded.sql.
select y.pseudonym::text
from timeline.pseudonym as y
inner join pg_temp.guarded as g on y.person_id = g.person_id
