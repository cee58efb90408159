-- Whether the views have followed every publication, by the persons that it touched
-- (dbt/macros/timeline.sql), and which key made the pseudonyms. Runs in PostgreSQL.
select
    not exists (
        select
        from register.touched_person as t
        where t.publication_id > (
            select coalesce(max(k.publication_id), 0) from timeline.person_period as k
        )
    ) as has_followed,
    (select y.key_fingerprint from timeline.pseudonym as y limit 1) as made_with
