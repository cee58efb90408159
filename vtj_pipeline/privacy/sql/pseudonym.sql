create schema if not exists timeline;

create table if not exists timeline.pseudonym (
    person_id uuid primary key,
    pseudonym uuid not null unique,
    key_fingerprint text
);
comment on table timeline.pseudonym is
'The name by which analysts tell a person apart: whoever has this table can undo it.';
comment on column timeline.pseudonym.person_id is 'The person, as in register.person.';
comment on column timeline.pseudonym.pseudonym is
'The first 128 bits of HMAC-SHA-256 of person_id under VTJ_ANALYST_KEY.';
comment on column timeline.pseudonym.key_fingerprint is
'Tells the key that it was made with from others, and nothing of the key.';
