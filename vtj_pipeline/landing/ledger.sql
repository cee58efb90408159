-- The ledger: what was asked of the source, what came, and which file holds it.
create schema if not exists ledger;

create table if not exists ledger.baseline_round (
    round_id bigint generated always as identity primary key,
    subscription text not null,
    run_id text not null,
    started_at timestamptz not null default now(),
    completed_at timestamptz
);
comment on table ledger.baseline_round is
'One row for each time that the basic data of a subscription were fetched.';

create table if not exists ledger.landing_batch (
    batch_id bigint generated always as identity primary key,
    subscription text not null,
    kind text not null check (kind in ('baseline', 'change', 'refresh', 'reconcile')),
    partition_day date,
    round_id bigint references ledger.baseline_round,
    unit text not null,
    file text not null unique,
    sha256 text not null,
    bytes bigint not null,
    calls integer not null,
    asked integer not null,
    answered integer not null,
    first_cursor bigint not null,
    last_cursor bigint not null,
    caught_up boolean,
    completes_partition boolean not null,
    fetched_from timestamptz not null,
    fetched_to timestamptz not null,
    landed_at timestamptz not null default now(),
    run_id text not null
);
comment on table ledger.landing_batch is
'One row for each landed file. A file without a row here is not part of the truth.';

create index if not exists landing_batch_partition
on ledger.landing_batch (subscription, kind, partition_day, batch_id);

create table if not exists ledger.call (
    batch_id bigint not null references ledger.landing_batch,
    sequence integer not null,
    purpose text not null,
    cursor_in bigint not null,
    cursor_out bigint,
    caught_up boolean,
    asked_hash text not null,
    asked integer not null,
    answered integer not null,
    fetched_at timestamptz not null,
    status integer not null,
    body_sha256 text not null,
    primary key (batch_id, sequence)
);
comment on table ledger.call is
'One row for each answer of the source, the empty ones too: an empty day is proven, not assumed.';

create table if not exists ledger.refresh_asked (
    subscription text not null,
    person_id uuid not null,
    reason text not null,
    recorded_at timestamptz not null,
    batch_id bigint not null references ledger.landing_batch,
    asked_at timestamptz not null,
    was_answered boolean not null,
    primary key (batch_id, person_id, reason)
);
comment on table ledger.refresh_asked is
'One row for each reason that a person''s basic data were asked for anew, answered or not.';

create index if not exists refresh_asked_person
on ledger.refresh_asked (person_id, reason, recorded_at);
