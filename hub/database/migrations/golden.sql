-- Documents of a schema whose records are known, and what a version must reach on them -----------------------------

create table golden_sets (
    workspace uuid not null references workspaces on delete cascade,
    -- In lower case: names of schemas differ in more than case.
    schema_name text not null,
    threshold double precision not null default 0.95,
    is_required boolean not null default false,
    engine text not null default 'local',
    checked jsonb,
    changed_at timestamptz not null default now(),
    primary key (workspace, schema_name)
);

create table golden_documents (
    id uuid primary key,
    workspace uuid not null,
    schema_name text not null,
    file uuid not null,
    records jsonb not null,
    note text not null default '',
    created_by uuid,
    created_at timestamptz not null default now(),
    unique (workspace, id),
    unique (workspace, schema_name, file),
    foreign key (workspace, schema_name) references golden_sets on delete cascade,
    foreign key (workspace, file) references files (workspace, id) on delete cascade
);

-- Curves are drawn from the newest judgements of a schema
create index judgements_schema on judgements (workspace, lower(schema_name), judged_at desc);
