-- Outbound webhooks: who wants to hear of which events ----------------------------------------------------------------------

create table subscriptions (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    url text not null,
    -- `run.done` for one kind, `run.*` for a family, `*` for everything.
    kinds text[] not null,
    description text not null default '',
    with_values boolean not null default false,
    secret bytea not null,
    previous_secret bytea,
    previous_until timestamptz,
    -- active, paused by a member, or disabled by the hub.
    state text not null default 'active',
    reason text not null default '',
    failing_since timestamptz,
    revision int not null default 1,
    created_by uuid,
    created_at timestamptz not null default now(),
    unique (workspace, id)
);
create index subscriptions_active on subscriptions (workspace) where state = 'active';

-- How far the outbox of a workspace was read; only workspaces with subscriptions have a row.
create table subscription_cursors (
    workspace uuid primary key references workspaces on delete cascade,
    xid xid8 not null,
    number bigint not null
);

create table subscription_messages (
    id uuid primary key,
    workspace uuid not null,
    subscription uuid not null,
    number bigint generated always as identity,
    -- The event of the outbox; null for a test.
    event bigint,
    kind text not null,
    subject text not null,
    body jsonb not null default '{}',
    at timestamptz not null,
    state text not null default 'waiting',
    tries int not null default 0,
    -- Counts every sending, so that a late writer is told from the one that took over.
    fence int not null default 0,
    next_at timestamptz default now(),
    ended_at timestamptz,
    unique (workspace, id),
    unique (subscription, event),
    foreign key (workspace, subscription) references subscriptions (workspace, id) on delete cascade
);
create index subscription_messages_due on subscription_messages (subscription, next_at) where next_at is not null;
create index subscription_messages_log on subscription_messages (subscription, number desc);
create index subscription_messages_age on subscription_messages (at);

create table subscription_attempts (
    workspace uuid not null,
    message uuid not null,
    number int not null,
    at timestamptz not null default now(),
    status int,
    took_ms int not null,
    answer text not null default '',
    problem text not null default '',
    primary key (message, number),
    foreign key (workspace, message) references subscription_messages (workspace, id) on delete cascade
);
