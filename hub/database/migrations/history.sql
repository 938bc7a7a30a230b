-- What an extraction was made with and from -------------------------------------------------------------------------

alter table extractions
    -- As text: the fields stay in the order of the schema.
    alter column result type json using result::json,
    add column settings jsonb not null default '{}',
    add column confidence double precision not null default 0,
    add column repeats uuid,
    add column batch uuid,
    -- A preview is forgotten at this time unless it is saved.
    add column preview_until timestamptz,
    add column if not exists layout text,
    add column if not exists verdict text;
create index extractions_tags on extractions using gin (tags);
create index extractions_schema on extractions (workspace, lower(schema_name), id desc);
create index extractions_batch on extractions (batch) where batch is not null;
create index extractions_file on extractions (workspace, file) where file is not null;
create index extractions_previews on extractions (preview_until) where preview_until is not null;

-- Schema, source and settings under a name -----------------------------------------------------------------------------

create table extraction_templates (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    name text not null,
    title text not null default '',
    schema_name text not null,
    source text not null default 'file',
    settings jsonb not null default '{}',
    tags text[] not null default '{}',
    created_by uuid,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    unique (workspace, id)
);
create unique index extraction_templates_name on extraction_templates (workspace, lower(name));

-- Many files at once ------------------------------------------------------------------------------------------------------

create table batches (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    title text not null default '',
    schema_name text not null,
    settings jsonb not null default '{}',
    tags text[] not null default '{}',
    -- The batch with the same files and other settings that this one is compared with.
    against uuid,
    state text not null default 'running',
    created_by uuid,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    unique (workspace, id)
);
create index batches_workspace on batches (workspace, id desc);

create table batch_files (
    batch uuid not null,
    workspace uuid not null,
    position int not null,
    file uuid not null,
    state text not null default 'waiting',
    tries int not null default 0,
    due_at timestamptz not null default now(),
    -- Whoever works on the file holds it until then; a later holder has a higher fence.
    held_until timestamptz,
    fence int not null default 0,
    extraction uuid,
    message text not null default '',
    primary key (batch, position),
    foreign key (workspace, batch) references batches (workspace, id) on delete cascade
);
create index batch_files_due on batch_files (due_at) where state in ('waiting', 'running');
