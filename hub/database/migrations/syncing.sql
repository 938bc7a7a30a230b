-- Records that two systems keep in step ----------------------------------------------------------------------------------

create table synced_records (
    workspace uuid not null references workspaces on delete cascade,
    sync text not null,
    key text not null,
    -- Digests by field: what each side last said, and what was agreed. No values.
    known jsonb not null,
    conflicts int not null default 0,
    synced_at timestamptz not null default now(),
    primary key (workspace, sync, key)
);
