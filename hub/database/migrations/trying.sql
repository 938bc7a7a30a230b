-- Trying things out, beside the draft of a recipe ------------------------------------------------------------------------

create table pins (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    step text not null,
    -- The output that tries take in the place of the step's own, sealed.
    kept bytea not null,
    data_class text not null default 'content',
    pinned_by uuid,
    pinned_at timestamptz not null default now(),
    unique (workspace, id),
    unique (recipe, step),
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
);

-- The latest try of a step over a sample; `element` is the place in the list of a step that loops, -1 for the whole.
create table tries (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    step text not null,
    sample uuid not null,
    element int not null default -1,
    state text not null,
    -- Input, output, changes, problem and log, sealed.
    kept bytea not null,
    -- Fingerprints of the step with all before it, and of the values it was given.
    made_by text not null,
    given text not null,
    took_ms double precision not null default 0,
    tokens int not null default 0,
    cost_usd numeric not null default 0,
    data_class text not null default 'trace',
    tried_by uuid,
    tried_at timestamptz not null default now(),
    unique (workspace, id),
    unique (recipe, step, sample, element),
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade,
    foreign key (workspace, sample) references items (workspace, id) on delete cascade
);
create index tries_sample on tries (recipe, sample);
create index tries_at on tries (tried_at);

-- Somebody waits for one event of a trigger.
create table listenings (
    id uuid primary key,
    workspace uuid not null,
    recipe uuid not null,
    kind text not null,
    state text not null default 'listening',
    until timestamptz not null,
    looks int not null default 0,
    next_look_at timestamptz not null default now(),
    -- How far a polled trigger was read when listening began, and what it had brought by then.
    position jsonb,
    item uuid,
    message text not null default '',
    started_by uuid,
    started_at timestamptz not null default now(),
    unique (workspace, id),
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
);
create index items_samples on items (recipe, id desc) where test and reason_kind = 'sample';
create unique index listenings_open on listenings (recipe) where state = 'listening';
