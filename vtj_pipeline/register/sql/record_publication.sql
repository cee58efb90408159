-- Write the publication, the batches it took in and whom it looked at; in: `staged`, `touched`.
-- Runs in PostgreSQL.
with recorded as (
    insert into register.publication (
        run_id, batches, persons, counts, catalogue_fingerprint, anomalies
    )
    values ($1::text, $2::int, $3::int, $4::text::jsonb, $5::text, $6::text::jsonb)
    returning publication_id
),
applied as (
    insert into register.applied_batch (batch_id, publication_id)
    select s.batch_id, r.publication_id
    from staged as s
    cross join recorded as r
    on conflict do nothing
),
looked_at as (
    insert into register.touched_person (person_id, publication_id)
    select t.person_id, r.publication_id
    from touched as t
    cross join recorded as r
    on conflict (person_id) do update set publication_id = excluded.publication_id
)
select publication_id from recorded
