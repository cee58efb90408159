-- The register's tables that are not folded. As a database gets them that has none; one that has
-- earlier ones comes here by `../migrations/`: change both together.
create schema if not exists register;

create table register.schema_version (
    version integer primary key,
    name text not null,
    program text not null,
    folded_tables text,
    applied_at timestamptz not null default now()
);
comment on table register.schema_version is
'One row for each version of the register''s tables that this database has come through.';

create table register.person (
    person_id uuid primary key,
    identity_code text not null,
    is_alive boolean not null,
    is_protected boolean not null,
    first_recorded timestamptz not null,
    last_recorded timestamptz not null
);
-- Whom no view may place is asked by every view.
create index person_protected
on register.person (person_id) where is_protected is not false;
comment on table register.person is 'One row a person: the code in force and the two flags that '
'everything else asks for, as known now.';

create table register.scope_municipality (
    subscription text not null,
    municipality_code text not null,
    primary key (subscription, municipality_code)
);
comment on table register.scope_municipality is
'The municipalities whose residents each subscription by home municipality covers.';

create table register.publication (
    publication_id bigint generated always as identity primary key,
    published_at timestamptz not null default now(),
    run_id text not null,
    batches integer not null,
    persons integer not null,
    counts jsonb not null,
    catalogue_fingerprint text not null,
    anomalies jsonb not null default '{}'
);
comment on table register.publication is
'One row for each time that the register changed: what a reader could see from then on.';

create table register.applied_batch (
    batch_id bigint primary key,
    publication_id bigint not null references register.publication
);
comment on table register.applied_batch is 'The landed batches that the register has taken in.';

create table register.touched_person (
    person_id uuid primary key,
    publication_id bigint not null references register.publication
);
create index touched_person_publication
on register.touched_person (publication_id);
comment on table register.touched_person is
'One row for each person that a publication ever looked at, with the latest one: what is kept of '
'persons elsewhere follows by it.';

create table register.quarantine (
    quarantine_id uuid primary key,
    batch_id bigint not null,
    page integer not null,
    message integer not null,
    line integer not null,
    tietoryhma text,
    person_id uuid,
    reason text not null,
    subject_id uuid
);
comment on table register.quarantine is
'One row for each message or row that could not be read; its content stays in landing.';

create table register.unknown_seen (
    kind text not null,
    tietoryhma text not null,
    name text,
    rows bigint not null,
    first_publication_id bigint not null references register.publication,
    unique nulls not distinct (kind, tietoryhma, name)
);
comment on table register.unknown_seen is
'One row for each group, field and coded field whose name or values this version does not know.';

create table register.person_alias (
    alias_id uuid primary key,
    person_id uuid not null
);
create index person_alias_person on register.person_alias (person_id);
comment on table register.person_alias is
'One row for each person_id that a person may have been known by before codes were linked.';

create table register.scope_member (
    subscription text not null,
    person_id uuid not null,
    is_member boolean not null default true,
    first_recorded timestamptz not null,
    last_recorded timestamptz not null,
    primary key (subscription, person_id)
);
create index scope_member_person on register.scope_member (person_id);
comment on table register.scope_member is
'One row for each person that a subscription ever told of; is_member: in its scope as known now.';

create table register.refresh_request (
    person_id uuid not null,
    reason text not null,
    recorded_at timestamptz not null,
    primary key (person_id, reason)
);
comment on table register.refresh_request is
'One row for each reason to ask for a person''s basic data anew; gone once an answer came later.';
