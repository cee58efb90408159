-- person_id of a code (design §7.1): HMAC-SHA-256 under the key whose two pads stand in the variables.
-- Runs in DuckDB.
create or replace temp macro person_id_of(code) as (
    sha256(getvariable('person_key_outer') || unhex(sha256(getvariable('person_key_inner') || encode(code))))[1:32]::uuid
);
