-- Files of the retired Muutostietopalvelu land as a kind of their own.
alter table ledger.landing_batch drop constraint if exists landing_batch_kind_check;
alter table ledger.landing_batch add constraint landing_batch_kind_check
check (kind in ('baseline', 'change', 'refresh', 'reconcile', 'legacy'));

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
