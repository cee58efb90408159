-- Who was erased does not land again, and which files persons were taken out of.
alter table ledger.landing_batch add column erasure_id bigint;

create table ledger.tombstone (
    tombstone_id uuid primary key,
    erasure_id bigint not null,
    holds_until timestamptz
);
comment on table ledger.tombstone is
'One row for each erased code, as a keyed hash: what the source tells of it does not land. With '
'holds_until only what was recorded until then.';

create table ledger.being_erased (
    person_id uuid primary key,
    erasure_id bigint not null
);
comment on table ledger.being_erased is
'One row for each person_id that is being erased; empty once the erasure has come to its end.';
