-- The ledger: what was asked of the source, what came, and which file holds it. As a database gets
-- it that has none; one that has an earlier one comes here by `migrations/`: change both together.
create schema if not exists ledger;

create table ledger.schema_version (
    version integer primary key,
    name text not null,
    program text not null,
    applied_at timestamptz not null default now()
);
comment on table ledger.schema_version is
'One row for each version of the ledger''s tables that this database has come through.';

create table ledger.baseline_round (
    round_id bigint generated always as identity primary key,
    subscription text not null,
    run_id text not null,
    started_at timestamptz not null default now(),
    completed_at timestamptz,
    list_version bigint
);
comment on table ledger.baseline_round is
'One row for each time that the basic data of a subscription were fetched.';

create table ledger.landing_batch (
    batch_id bigint generated always as identity primary key,
    subscription text not null,
    kind text not null check (kind in ('baseline', 'change', 'refresh', 'reconcile', 'legacy')),
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
    run_id text not null,
    erasure_id bigint
);
comment on table ledger.landing_batch is
'One row for each landed file. A file without a row here is not part of the truth.';

create index landing_batch_partition
on ledger.landing_batch (subscription, kind, partition_day, batch_id);

create table ledger.call (
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
    extraction_date date,
    primary key (batch_id, sequence)
);
comment on table ledger.call is
'One row for each answer of the source, the empty ones too: an empty day is proven, not assumed.';

create table ledger.refresh_asked (
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

create index refresh_asked_person
on ledger.refresh_asked (person_id, reason, recorded_at);

create table ledger.day_round (
    round_id bigint generated always as identity primary key,
    subscription text not null,
    partition_day date not null,
    units text [] not null,
    run_id text not null,
    started_at timestamptz not null default now(),
    completed_at timestamptz
);
comment on table ledger.day_round is
'One row for each time that a day of changes was fetched: which units it needs to be whole.';

create index day_round_day
on ledger.day_round (subscription, partition_day, round_id);

create table ledger.source_call (
    call_id bigint generated always as identity primary key,
    subscription text not null,
    kind text not null,
    purpose text not null,
    attempt integer not null,
    started_at timestamptz not null,
    seconds real not null,
    status integer,
    error text,
    run_id text not null
);
comment on table ledger.source_call is
'One row for each try of a call, failed ones included: no part of the truth, only what happened.';

create index source_call_started
on ledger.source_call (subscription, started_at);

create table ledger.quota_day (
    subscription text not null,
    day date not null,
    calls integer not null,
    primary key (subscription, day)
);
comment on table ledger.quota_day is
'Calls made for a subscription on a Finnish day, by all processes together, retries included.';

create table ledger.code_list_version (
    version_id bigint generated always as identity primary key,
    subscription text not null,
    seen_at timestamptz not null,
    codes integer not null,
    added integer not null,
    removed integer not null,
    run_id text not null
);
comment on table ledger.code_list_version is
'One row for each version of a subscription''s code list, from when on it was seen.';

create table ledger.code_list_member (
    subscription text not null,
    code_id uuid not null,
    first_version bigint not null references ledger.code_list_version,
    removed_version bigint references ledger.code_list_version,
    primary key (subscription, code_id, first_version)
);
comment on table ledger.code_list_member is
'One row for each stay of a code in a list; code_id is its keyed hash, the code itself is nowhere.';

create unique index code_list_member_now
on ledger.code_list_member (subscription, code_id) where removed_version is null;

create table ledger.not_answered (
    subscription text not null,
    person_id uuid not null,
    tietoryhma text not null default '',
    first_asked_at timestamptz not null,
    last_asked_at timestamptz not null,
    times integer not null default 1,
    batch_id bigint not null references ledger.landing_batch,
    settled_at timestamptz,
    primary key (subscription, person_id, tietoryhma)
);
comment on table ledger.not_answered is
'One row for each person whom the source left out of an answer, and for each expected group that '
'it left out of a person''s basic data; settled once an answer had it. Absence is not deletion.';

create table ledger.reconciliation (
    reconciliation_id bigint generated always as identity primary key,
    subscription text not null,
    purpose text not null,
    sample integer,
    seed integer,
    members integer not null,
    answered integer not null,
    absent integer not null,
    changed_meanwhile integer not null,
    compared integer not null,
    drifted integer not null,
    started_at timestamptz not null,
    compared_at timestamptz not null default now(),
    run_id text not null
);
comment on table ledger.reconciliation is
'One row for each comparison of the register with the source''s basic data; counts of persons.';

create table ledger.reconciliation_drift (
    reconciliation_id bigint not null references ledger.reconciliation,
    tietoryhma text not null,
    compared integer not null,
    drifted integer not null,
    primary key (reconciliation_id, tietoryhma)
);
comment on table ledger.reconciliation_drift is
'Persons of whom the register said something else than the source, by group.';

create table ledger.proven_cursor (
    subscription text primary key,
    starts_on date not null,
    cursor bigint,
    reached_at timestamptz,
    proven_day date,
    days_whole integer not null,
    days_behind integer not null,
    open_breaks integer not null,
    run_id text,
    proven_at timestamptz,
    looked_at timestamptz not null
);
comment on table ledger.proven_cursor is
'One row for each subscription: how far its chain of cursors reached unbroken when last looked at.';

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

create table ledger.legacy_file (
    subscription text not null,
    sha256 text not null,
    name text not null,
    kind text not null check (kind in ('MTT', 'PTT')),
    file_date date not null,
    file_number integer,
    records integer not null,
    groups integer not null,
    quarantined integer not null,
    unknown_groups jsonb not null,
    notes integer not null,
    landed_at timestamptz not null default now(),
    run_id text not null,
    primary key (subscription, sha256)
);
comment on table ledger.legacy_file is
'One row for each file of the retired Muutostietopalvelu that has landed whole.';

create table ledger.legacy_difference (
    subscription text not null,
    tietoryhma text not null,
    persons_equal integer not null,
    persons_different integer not null,
    persons_only_in_files integer not null,
    persons_only_in_interface integer not null,
    likely_reason text not null,
    compared_at timestamptz not null default now(),
    run_id text not null,
    primary key (subscription, tietoryhma)
);
comment on table ledger.legacy_difference is
'The newest hand-over check: persons whom the files of the retired Muutostietopalvelu and the '
'interface tell alike, by group.';
