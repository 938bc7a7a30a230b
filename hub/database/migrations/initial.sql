-- Every table carries its workspace; (workspace, id) is unique so that foreign keys cannot cross workspaces.
-- Ids are UUIDv7. Times are timestamptz. Sealed columns are bytea written by hub.sealing.

create table workspaces (
    id uuid primary key,
    name text not null,
    slug text not null unique,
    region text not null default 'local',
    plan text not null default 'self-hosted',
    settings jsonb not null default '{}',
    created_at timestamptz not null default now()
);

-- Sealing -------------------------------------------------------------------------------------------------------

create table workspace_keys (
    workspace uuid not null references workspaces on delete cascade,
    number int not null,
    wrapped bytea not null,
    master_key_id text not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz,
    primary key (workspace, number)
);

-- Accounts ------------------------------------------------------------------------------------------------------

create table users (
    id uuid primary key,
    email text not null,
    name text not null default '',
    created_at timestamptz not null default now(),
    last_sign_in_at timestamptz,
    disabled_at timestamptz
);
create unique index users_email on users (lower(email));

create table identities (
    provider text not null,
    subject text not null,
    "user" uuid not null references users on delete cascade,
    secret text,
    created_at timestamptz not null default now(),
    primary key (provider, subject)
);
create index identities_user on identities ("user");

create table memberships (
    workspace uuid not null references workspaces on delete cascade,
    "user" uuid not null references users on delete cascade,
    role smallint not null check (role between 1 and 4),
    created_at timestamptz not null default now(),
    primary key (workspace, "user")
);
create index memberships_user on memberships ("user");

create table sessions (
    id uuid primary key,
    token_hash bytea not null unique,
    "user" uuid not null references users on delete cascade,
    workspace uuid not null references workspaces on delete cascade,
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    address text not null default '',
    user_agent text not null default ''
);
create index sessions_user on sessions ("user");

create table api_keys (
    id uuid primary key,
    workspace uuid not null,
    "user" uuid not null,
    name text not null,
    prefix text not null,
    hash bytea not null unique,
    test boolean not null default false,
    scopes text[] not null,
    rate_limit int not null default 100,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    unique (workspace, id),
    foreign key (workspace, "user") references memberships (workspace, "user") on delete cascade
);

-- One-time links: first set-up, invitation, password reset. The set-up link belongs to no workspace yet.
create table links (
    id uuid primary key,
    kind text not null,
    token_hash bytea not null unique,
    workspace uuid references workspaces on delete cascade,
    email text,
    role smallint,
    created_by uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);

create table sign_in_attempts (
    id bigint generated always as identity primary key,
    subject text not null,
    at timestamptz not null default now(),
    succeeded boolean not null
);
create index sign_in_attempts_recent on sign_in_attempts (subject, at);

create table idempotent_requests (
    workspace uuid not null references workspaces on delete cascade,
    key text not null,
    route text not null,
    request_hash bytea not null,
    status int,
    headers jsonb,
    body bytea,
    created_at timestamptz not null default now(),
    primary key (workspace, key, route)
);

-- Audit, outbox, usage ------------------------------------------------------------------------------------------

create table audit (
    workspace uuid not null references workspaces on delete cascade,
    number bigint not null,
    at timestamptz not null default now(),
    "user" uuid,
    actor text not null,
    verb text not null,
    subject text not null,
    detail jsonb not null default '{}',
    previous bytea not null,
    hash bytea not null,
    primary key (workspace, number)
);

create table outbox (
    id bigint generated always as identity primary key,
    workspace uuid not null references workspaces on delete cascade,
    kind text not null,
    subject text not null,
    body jsonb not null default '{}',
    at timestamptz not null default now(),
    -- Readers go by (xid, id) below the oldest running transaction, so that a late commit is never passed over.
    xid xid8 not null default pg_current_xact_id()
);
create index outbox_workspace on outbox (workspace, xid, id);
create index outbox_order on outbox (xid, id);
create index outbox_at on outbox (at);

create table usage (
    id bigint generated always as identity primary key,
    workspace uuid not null references workspaces on delete cascade,
    at timestamptz not null default now(),
    kind text not null,
    quantity numeric not null,
    unit text not null,
    cost_usd numeric not null default 0,
    detail jsonb not null default '{}'
);
create index usage_workspace on usage (workspace, at);

-- Files ---------------------------------------------------------------------------------------------------------

create table files (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    project uuid,
    name text not null,
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    storage_key text not null,
    status text not null default 'stored',
    data_class text not null default 'content',
    owner uuid,
    chunks int not null default 0,
    took_ms int,
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (workspace, id)
);
create index files_workspace on files (workspace, id desc) where deleted_at is null;
create index files_content on files (workspace, sha256) where deleted_at is null;

-- Connections ---------------------------------------------------------------------------------------------------

create table connections (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    name text not null,
    connector text not null,
    settings jsonb not null default '{}',
    secrets bytea,
    rate_limit numeric,
    blocked_until timestamptz,
    revision int not null default 1,
    state text not null default 'untested',
    message text not null default '',
    created_by uuid,
    created_at timestamptz not null default now(),
    tested_at timestamptz,
    unique (workspace, id)
);
create unique index connections_name on connections (workspace, lower(name));

-- Documents with versions: recipes, schemas, later dashboards and playbooks --------------------------------------

create table documents (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    project uuid,
    kind text not null,
    name text not null,
    title text not null default '',
    labels text[] not null default '{}',
    -- json, not jsonb: the order of columns and fields is kept as it was written
    draft json,
    problems jsonb not null default '[]',
    revision int not null default 1,
    active_version int,
    created_by uuid,
    created_at timestamptz not null default now(),
    changed_by uuid,
    changed_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (workspace, id)
);
create unique index documents_name on documents (workspace, kind, lower(name)) where deleted_at is null;

create table document_versions (
    workspace uuid not null,
    document uuid not null,
    number int not null,
    content json not null,
    hash bytea not null,
    note text not null default '',
    published_by uuid,
    published_at timestamptz not null default now(),
    primary key (document, number),
    foreign key (workspace, document) references documents (workspace, id) on delete cascade
);

-- What runs of a published recipe: its state, its trigger's cursor and next due time ----------------------------

create table triggers (
    recipe uuid primary key,
    workspace uuid not null,
    version int,
    kind text not null,
    uses text not null,
    state text not null default 'live',
    hook_token text unique,
    test_token text unique,
    test_until timestamptz,
    shard int not null default 0,
    every double precision,
    next_due_at timestamptz,
    cursor text,
    fence bigint not null default 0,
    leased_until timestamptz,
    watched_until timestamptz,
    last_event_at timestamptz,
    last_poll_at timestamptz,
    failures int not null default 0,
    message text not null default '',
    duplicates bigint not null default 0,
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
);
create index triggers_due on triggers (shard, next_due_at) where state = 'live' and next_due_at is not null;

-- Runs and items ------------------------------------------------------------------------------------------------

create table runs (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    version int not null,
    kind text not null default 'live',
    state text not null default 'running',
    stage int not null default 0,
    fence bigint not null default 0,
    leased_until timestamptz,
    total int not null default 0,
    delivered int not null default 0,
    filtered int not null default 0,
    waiting int not null default 0,
    dead int not null default 0,
    cancelled int not null default 0,
    plan_of uuid,
    started_by uuid,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    message text not null default '',
    unique (workspace, id),
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
) with (fillfactor = 70);
create index runs_recipe on runs (workspace, recipe, id desc);
create index runs_workspace on runs (workspace, id desc);
create index runs_live on runs (recipe, kind, leased_until) where state = 'running';

create table items (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    version int not null,
    state text not null default 'waiting',
    run uuid,
    step text,
    due_at timestamptz,
    tries int not null default 0,
    generation int not null default 0,
    key text,
    subject text,
    title text not null default '',
    content jsonb not null,
    reason text,
    reason_kind text,
    owner uuid,
    note text not null default '',
    test boolean not null default false,
    parent uuid,
    parent_step text,
    parent_path text,
    respond_to uuid,
    data_class text not null default 'content',
    accepted_at timestamptz not null default now(),
    ended_at timestamptz,
    unique (workspace, id),
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
) with (fillfactor = 70);
create index items_waiting on items (recipe, id) where state = 'waiting';
create index items_due on items (due_at) where state = 'waiting_until';
create index items_run on items (run) where run is not null;
create index items_recipe on items (workspace, recipe, id desc);
create index items_dead on items (workspace, id desc) where state = 'dead';
create index items_parent on items (parent) where parent is not null;
create index items_called on items (reason_kind) where state = 'waiting_for';
create index items_subject on items (recipe, subject) where subject is not null and state in ('waiting', 'running', 'waiting_until', 'waiting_for');

create table seen_keys (
    recipe uuid not null,
    key text not null,
    item uuid not null,
    seen_at timestamptz not null default now(),
    primary key (recipe, key)
);
create index seen_keys_at on seen_keys (seen_at);

create table attempts (
    item uuid not null,
    step text not null,
    path text not null default '',
    run uuid not null,
    try int not null default 1,
    workspace uuid not null,
    state text not null,
    input jsonb,
    output jsonb,
    error_kind text,
    message text,
    started_at timestamptz not null,
    took_ms double precision not null default 0,
    tokens int not null default 0,
    cost_usd numeric not null default 0,
    data_class text not null default 'trace'
);
create index attempts_item on attempts (item, step);
create index attempts_run on attempts (run);

-- The ledger ----------------------------------------------------------------------------------------------------

create table deliveries (
    key text primary key,
    id uuid not null unique,
    workspace uuid not null,
    recipe uuid not null,
    version int not null,
    run uuid not null,
    item uuid not null,
    step text not null,
    path text not null default '',
    generation int not null default 0,
    target text not null,
    effect text not null,
    connection uuid,
    state text not null,
    repeated int not null default 0,
    request json, -- as it was written: the order of names is the order of columns
    seen jsonb,
    token text,
    due_at timestamptz,
    reference text,
    external_version text,
    url text,
    output jsonb,
    images bytea,
    images_until timestamptz,
    message text,
    undo_of uuid,
    written_at timestamptz not null default now(),
    settled_at timestamptz
) with (fillfactor = 70);
create index deliveries_item on deliveries (item, step);
create index deliveries_run on deliveries (run);
create index deliveries_workspace on deliveries (workspace, id desc);
create index deliveries_open on deliveries (state, due_at) where state in ('pending', 'unknown', 'accepted');

-- State that steps keep over runs: dedupe keys, aggregate windows -------------------------------------------------

create table dedupe_keys (
    recipe uuid not null,
    step text not null,
    key text not null,
    item uuid not null,
    workspace uuid not null,
    expires_at timestamptz,
    primary key (recipe, step, key)
);

create table windows (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    step text not null,
    key text not null default '',
    opened_at timestamptz not null default now(),
    closes_at timestamptz,
    closed_at timestamptz,
    leader uuid
);
create unique index windows_open on windows (recipe, step, key) where closed_at is null;
create table window_items (
    "window" uuid not null references windows on delete cascade,
    item uuid not null,
    value jsonb,
    primary key ("window", item)
);
create index window_items_item on window_items (item);

-- Waiting for a person: review, approval, later tasks and reminders -----------------------------------------------

create table decisions (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    kind text not null,
    item uuid,
    run uuid,
    step text,
    subject text not null,
    question text not null,
    evidence jsonb not null default '{}',
    form jsonb not null default '{}',
    assignee uuid,
    quorum int not null default 1,
    due_at timestamptz,
    escalate_to uuid,
    expires_at timestamptz,
    state text not null default 'open',
    answer jsonb,
    decided_by uuid[] not null default '{}',
    decided_at timestamptz,
    created_at timestamptz not null default now(),
    unique (workspace, id)
);
create index decisions_open on decisions (workspace, due_at) where state = 'open';

create table proposals (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    kind text not null,
    draft jsonb not null,
    why text not null default '',
    evidence jsonb not null default '{}',
    state text not null default 'open',
    made_by text not null,
    created_at timestamptz not null default now(),
    decided_by uuid,
    decided_at timestamptz,
    unique (workspace, id)
);

-- Readings and extractions ----------------------------------------------------------------------------------------

create table readings (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    file uuid,
    sha256 bytea not null,
    reader text not null,
    content bytea not null,
    pages int not null default 0,
    took_ms int not null default 0,
    data_class text not null default 'content',
    created_at timestamptz not null default now(),
    unique (workspace, id)
);
create unique index readings_source on readings (workspace, sha256, reader);

create table extractions (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    project uuid,
    reading uuid,
    file uuid,
    item uuid,
    run uuid,
    step text,
    path text not null default '',
    schema_name text not null,
    schema_id uuid,
    schema_version int not null default 0,
    engine text not null,
    status text not null,
    result jsonb not null,
    model text,
    input_tokens int not null default 0,
    output_tokens int not null default 0,
    cost_usd numeric not null default 0,
    raw_answer text,
    tags text[] not null default '{}',
    data_class text not null default 'content',
    created_by uuid,
    created_at timestamptz not null default now(),
    unique (workspace, id)
);
create index extractions_workspace on extractions (workspace, id desc);
create index extractions_item on extractions (item, step, path) where item is not null;

-- Datasets ----------------------------------------------------------------------------------------------------------

create table datasets (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    project uuid,
    name text not null,
    title text not null default '',
    key_columns text[] not null default '{}',
    columns jsonb not null default '[]',
    schema_name text,
    schema_version int,
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (workspace, id)
);
create unique index datasets_name on datasets (workspace, lower(name)) where deleted_at is null;

create table dataset_rows (
    id uuid primary key,
    workspace uuid not null,
    dataset uuid not null,
    key text,
    revision bigint not null,
    content jsonb not null,
    item uuid,
    run uuid,
    step text,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    foreign key (workspace, dataset) references datasets (workspace, id) on delete cascade
) with (fillfactor = 80);
create unique index dataset_rows_key on dataset_rows (dataset, key) where key is not null;
create index dataset_rows_order on dataset_rows (dataset, id);

create sequence dataset_revision;
create table dataset_revisions (
    revision bigint primary key default nextval('dataset_revision'),
    workspace uuid not null,
    dataset uuid not null,
    "row" uuid not null,
    kind text not null,
    before jsonb,
    after jsonb,
    delivery text,
    item uuid,
    run uuid,
    step text,
    at timestamptz not null default now(),
    xid xid8 not null default pg_current_xact_id(),
    foreign key (workspace, dataset) references datasets (workspace, id) on delete cascade
);
create index dataset_revisions_dataset on dataset_revisions (dataset, revision);
create index dataset_revisions_row on dataset_revisions ("row", revision);
create index dataset_revisions_delivery on dataset_revisions (delivery) where delivery is not null;
