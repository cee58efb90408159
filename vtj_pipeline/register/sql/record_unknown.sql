-- Add counts of unknown things to what is known of them; in: `staged`. Runs in PostgreSQL, returns
-- the number of changed rows. Jinja: `everyone` (the counts are the whole). Parameter: the
-- publication, which a name that is new keeps.
with counted as (
    select a.kind, a.tietoryhma, a.name, sum(a.rows)::bigint as rows
    from (
        select s.kind, s.tietoryhma, s.name, s.rows from staged as s
        {% if not everyone %}
        union all
        select u.kind, u.tietoryhma, u.name, u.rows from register.unknown_seen as u
        {% endif %}
    ) as a
    group by a.kind, a.tietoryhma, a.name
),
removed as (
    delete from register.unknown_seen as u
    where not exists (
        select 1 from counted as c
        where
            c.kind = u.kind
            and c.tietoryhma = u.tietoryhma
            and c.name is not distinct from u.name
            and c.rows > 0
    )
    returning 1
),
written as (
    insert into register.unknown_seen as u (kind, tietoryhma, name, rows, first_publication_id)
    select c.kind, c.tietoryhma, c.name, c.rows, $1::bigint
    from counted as c
    where c.rows > 0
    on conflict (kind, tietoryhma, name) do update set rows = excluded.rows
    where u.rows <> excluded.rows
    returning 1
)
select (select count(*) from removed) + (select count(*) from written)
