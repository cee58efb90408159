-- Which of some publications are this register's: another one counts them from the beginning, too.
-- Runs in PostgreSQL.
select
    p.publication_id,
    p.published_at
from register.publication as p
where p.publication_id = any(%s)
