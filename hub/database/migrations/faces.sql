-- What the faces keep: charts of datasets, who changed a row by hand, counts by hour, tours, use of connections --------

alter table datasets add column charts jsonb not null default '[]';
alter table dataset_revisions add column changed_by uuid;

alter table connections add column used_at timestamptz;

-- Hours that are over, counted once.
create table volumes (
    workspace uuid not null references workspaces on delete cascade,
    hour timestamptz not null,
    items int not null,
    records int not null,
    extractions int not null,
    failures int not null,
    primary key (workspace, hour)
);
create index items_accepted on items using brin (accepted_at) with (pages_per_range = 32);

-- Where a member stopped in the first-run tour.
create table tours (
    workspace uuid not null,
    "user" uuid not null,
    state jsonb not null,
    changed_at timestamptz not null default now(),
    primary key (workspace, "user"),
    foreign key (workspace, "user") references memberships (workspace, "user") on delete cascade
);
