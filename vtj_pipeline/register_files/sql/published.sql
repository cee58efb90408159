-- The newest publication, and what the views were made of. Runs in PostgreSQL. No row where nothing
-- has been published.
select
    p.publication_id,
    p.published_at,
    (p.published_at at time zone 'Europe/Helsinki')::date as valid_at,
    p.catalogue_fingerprint,
    obj_description(to_regnamespace('timeline'), 'pg_namespace') as made_of,
    (
        select f.publication_id || ' ' || f.published_at
        from register.publication as f
        order by f.publication_id
        limit 1
    ) as began,
    exists (select from ledger.being_erased) as is_being_erased
from register.publication as p
order by p.publication_id desc
limit 1
