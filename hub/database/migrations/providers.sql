-- Language models of a workspace's own -----------------------------------------------------------------------------------

create table providers (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    name text not null,
    preset text not null,
    base_url text not null,
    key bytea,
    models jsonb not null default '[]',
    -- Providers are asked in this order until one answers.
    position int not null default 0,
    enabled boolean not null default true,
    cap_usd numeric,
    cap_tokens bigint,
    revision int not null default 1,
    state text not null default 'untested',
    message text not null default '',
    created_by uuid,
    created_at timestamptz not null default now(),
    tested_at timestamptz,
    unique (workspace, id)
);
create unique index providers_name on providers (workspace, lower(name));

-- What calls under way may spend at most, so that many at once do not pass a cap together.
create table provider_calls (
    id uuid primary key,
    workspace uuid not null,
    provider uuid not null,
    tokens bigint not null,
    cost_usd numeric not null,
    until timestamptz not null,
    foreign key (workspace, provider) references providers (workspace, id) on delete cascade
);
create index provider_calls_provider on provider_calls (provider);
create index usage_providers on usage (workspace, (detail->>'provider'), at) where kind = 'tokens';

-- Answers that models gave, sealed, by a hash of everything that was asked --------------------------------------------------

create table model_answers (
    workspace uuid not null references workspaces on delete cascade,
    asked bytea not null,
    -- The SHA-256 of the source, by which its answers are forgotten.
    source bytea not null,
    content bytea not null,
    created_at timestamptz not null default now(),
    primary key (workspace, asked)
);
create index model_answers_source on model_answers (workspace, source);
create index model_answers_age on model_answers (created_at);

-- What may leave for a provider -----------------------------------------------------------------------------------------------

create table privacy_policies (
    workspace uuid primary key references workspaces on delete cascade,
    policy jsonb not null,
    revision int not null default 1,
    changed_by uuid,
    changed_at timestamptz not null default now()
);

-- Models trained on corrected records -------------------------------------------------------------------------------------------

create table fine_tunings (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    provider uuid not null,
    schema_name text not null,
    base_model text not null,
    suffix text not null default '',
    -- The ids that the provider gave to the job and to the files it trains on.
    job text,
    training_file text,
    validation_file text,
    training_examples int not null default 0,
    validation_examples int not null default 0,
    state text not null default 'preparing',
    model text,
    trained_tokens bigint,
    message text not null default '',
    created_by uuid,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    ended_at timestamptz,
    unique (workspace, id),
    foreign key (workspace, provider) references providers (workspace, id) on delete cascade
);
create index fine_tunings_workspace on fine_tunings (workspace, id desc);
