-- Which persons were erased when, on whose word, and what came of it.
create table audit.erasure (
    erasure_id bigint generated always as identity primary key,
    kind text not null check (kind in ('request', 'retention')),
    reason text not null,
    asked_by text not null default session_user,
    begun_at timestamptz not null,
    persons integer not null,
    completed_at timestamptz,
    receipt jsonb
);
comment on table audit.erasure is
'One row for each erasure: how many persons, why, and the receipt, which names nobody.';
