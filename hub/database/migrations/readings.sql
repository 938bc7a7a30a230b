-- How a source was read, and what people put right in it ---------------------------------------------------------------

alter table readings
    -- Fingerprint of the way of reading, '' for the usual one.
    add column options text not null default '',
    add column revision int not null default 1,
    -- The reading with its corrections; what was read stays in `content`.
    add column corrected bytea,
    add column corrected_by uuid,
    add column corrected_at timestamptz;
drop index readings_source;
create unique index readings_source on readings (workspace, sha256, reader, options);
create index readings_file on readings (workspace, file) where file is not null;

-- Pages taken from the web ------------------------------------------------------------------------------------------------

create table captures (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    file uuid not null,
    url text not null,
    final_url text not null,
    title text not null default '',
    rendered boolean not null default false,
    data_class text not null default 'content',
    captured_by uuid,
    captured_at timestamptz not null default now(),
    unique (workspace, id),
    foreign key (workspace, file) references files (workspace, id) on delete cascade
);
create index captures_workspace on captures (workspace, id desc);
create index captures_file on captures (workspace, file);
