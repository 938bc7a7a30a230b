-- The time machine: drafts compared with what was written for past items -------------------------------------------------

create table comparisons (
    run uuid primary key references runs on delete cascade,
    workspace uuid not null,
    recipe uuid not null,
    draft json not null, -- as it was when the comparison began
    days int not null,
    items uuid[] not null, -- in the order of acceptance
    compared int not null default 0,
    differing int not null default 0,
    outcomes int not null default 0,
    same int not null default 0,
    added int not null default 0,
    missing int not null default 0,
    changed int not null default 0,
    foreign key (workspace, recipe) references documents (workspace, id) on delete cascade
);
create index comparisons_recipe on comparisons (workspace, recipe, run desc);

create table comparison_items (
    run uuid not null references comparisons on delete cascade,
    item uuid not null references items on delete cascade,
    workspace uuid not null,
    version int not null,
    state_then text not null,
    state_now text not null,
    reason text not null default '',
    differs boolean not null,
    same int not null default 0,
    added int not null default 0,
    missing int not null default 0,
    changed int not null default 0,
    taken int not null default 0,
    anew int not null default 0,
    unknown text[] not null default '{}',
    keys jsonb not null default '{}', -- what new dedupe steps let pass, for the items after it
    records jsonb not null default '[]',
    data_class text not null default 'trace',
    primary key (run, item)
);
create index comparison_items_item on comparison_items (item);
