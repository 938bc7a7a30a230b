-- Chat: who writes from which account, what buttons stand for, and what is told there ---------------------------------

create table chat_identities (
    workspace uuid not null,
    id uuid not null,
    "user" uuid not null,
    carrier text not null,
    -- The workspace of the chat service, where it has such a thing.
    place text not null default '',
    account text not null,
    -- The direct conversation with this account, where notices go.
    chat text not null,
    name text not null default '',
    notices boolean not null default true,
    created_at timestamptz not null default now(),
    seen_at timestamptz,
    primary key (workspace, id),
    unique (carrier, place, account),
    foreign key (workspace, "user") references memberships (workspace, "user") on delete cascade
);
create index chat_identities_user on chat_identities (workspace, "user");

create table chat_codes (
    hash bytea primary key,
    workspace uuid not null,
    "user" uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    foreign key (workspace, "user") references memberships (workspace, "user") on delete cascade
);
create index chat_codes_user on chat_codes (workspace, "user", created_at);

-- A button carries its short id; what it does is kept here.
create table chat_buttons (
    id text primary key,
    workspace uuid not null,
    identity uuid not null,
    -- The buttons of one message; one that works once takes the others with it.
    message uuid not null,
    command text not null,
    once boolean not null,
    expires_at timestamptz not null,
    foreign key (workspace, identity) references chat_identities (workspace, id) on delete cascade
);
create index chat_buttons_message on chat_buttons (message);
create index chat_buttons_expires on chat_buttons (expires_at);

create table chat_wizards (
    workspace uuid not null,
    identity uuid not null,
    state jsonb not null,
    expires_at timestamptz not null,
    primary key (workspace, identity),
    foreign key (workspace, identity) references chat_identities (workspace, id) on delete cascade
);

-- What a chat service sent, taken down before it is acknowledged; the body goes once it is worked off.
create table chat_updates (
    carrier text not null,
    bot text not null,
    number bigint not null,
    conversation text not null,
    body jsonb,
    tries int not null default 0,
    due_at timestamptz default now(),
    received_at timestamptz not null default now(),
    primary key (carrier, bot, number)
);
create index chat_updates_due on chat_updates (carrier, bot, number) where body is not null;
create index chat_updates_received on chat_updates (received_at);

-- How far a workspace's events have been told in chats.
create table chat_cursors (
    workspace uuid primary key references workspaces on delete cascade,
    cursor text not null
);

create table chat_notices (
    id uuid primary key,
    workspace uuid not null,
    identity uuid not null,
    kind text not null,
    subject text not null,
    body jsonb not null default '{}',
    tries int not null default 0,
    next_at timestamptz default now(),
    sent_at timestamptz,
    created_at timestamptz not null default now(),
    unique (identity, kind, subject),
    foreign key (workspace, identity) references chat_identities (workspace, id) on delete cascade
);
create index chat_notices_next on chat_notices (next_at) where next_at is not null;

-- Messages with a question in them: once it is decided they say by whom instead.
create table chat_messages (
    workspace uuid not null,
    identity uuid not null,
    message text not null,
    subject text not null,
    text text not null,
    sent_at timestamptz not null default now(),
    primary key (identity, message),
    foreign key (workspace, identity) references chat_identities (workspace, id) on delete cascade
);
create index chat_messages_subject on chat_messages (workspace, subject);
