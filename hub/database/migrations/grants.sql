-- Tokens that services hand out for a connection, and hand-offs that wait for a person to come back.
alter table connections
    add column access jsonb,
    add column tokens bytea,
    add column tokens_expire_at timestamptz,
    add column granted_at timestamptz,
    add column granted_by uuid,
    add column granted_scopes text[] not null default '{}';

create table hand_offs (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    connection uuid not null,
    person uuid not null,
    state bytea not null unique,
    session bytea not null,
    verifier bytea not null,
    expires_at timestamptz not null default now() + interval '10 minutes',
    foreign key (workspace, connection) references connections (workspace, id) on delete cascade
);
create index hand_offs_expiry on hand_offs (expires_at);
