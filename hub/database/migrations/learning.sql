-- What people said of extractions, and what was learnt from it -----------------------------------------------------

alter table extractions
    add column if not exists layout text,
    add column if not exists verdict text check (verdict in ('correct', 'incorrect')),
    add column if not exists verdict_by uuid,
    add column if not exists verdict_at timestamptz;
create index extractions_layout on extractions (workspace, layout) where layout is not null;
create index extractions_verdict on extractions (workspace, lower(schema_name), id desc) where verdict is not null;

create table corrections (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    extraction uuid not null,
    record int not null default 0,
    path text not null,
    kind text not null default 'set',
    before jsonb,
    after jsonb,
    -- How the value was found that was put right.
    engine text,
    score double precision not null default 0,
    confidence double precision not null default 0,
    -- Where the person, or the search for the value, saw it; `relation` and `label` say beside what it stands.
    evidence jsonb not null default '{}',
    -- The field as it was, for taking the correction back.
    earlier jsonb,
    member uuid,
    decision uuid,
    created_at timestamptz not null default now(),
    undone_by uuid,
    undone_at timestamptz,
    unique (workspace, id),
    foreign key (workspace, extraction) references extractions (workspace, id) on delete cascade
);
create index corrections_extraction on corrections (workspace, extraction, id);

create table judgements (
    workspace uuid not null references workspaces on delete cascade,
    extraction uuid not null,
    record int not null default 0,
    path text not null,
    schema_name text not null,
    schema_version int not null,
    engine text,
    layout text,
    score double precision not null default 0,
    confidence double precision not null default 0,
    is_right boolean not null,
    judged_by uuid,
    judged_at timestamptz not null default now(),
    primary key (extraction, record, path),
    foreign key (workspace, extraction) references extractions (workspace, id) on delete cascade
);
create index judgements_time on judgements (workspace, judged_at);

create table learnt_layouts (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    schema_name text not null,
    -- Hashes of the words that stand in every document of the layout, salted with the workspace.
    words bigint[] not null,
    content bytea not null,
    samples int not null default 1,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    unique (workspace, id)
);
create index learnt_layouts_schema on learnt_layouts (workspace, lower(schema_name), changed_at desc);

-- One open proposal for a field's hint at a time.
create unique index proposals_hint on proposals (workspace, (draft ->> 'schema'), (draft ->> 'path'))
    where kind = 'hint' and state = 'open';
