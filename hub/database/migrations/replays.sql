-- Dead letters in people's hands -----------------------------------------------------------------------------------

alter table items
    -- How a person closed a dead letter that is not to be replayed: resolved or ignored.
    add column closed_as text,
    add column closed_reason text not null default '',
    add column closed_by uuid,
    add column closed_at timestamptz;
create index items_letters on items (workspace, id desc) where state = 'dead' and closed_as is null and not test;

-- Lists that would else look at every row --------------------------------------------------------------------------

create index runs_message on runs (workspace, id desc) where message <> '';
create index runs_dead on runs (workspace, id desc) where dead > 0;
create index deliveries_failed on deliveries (workspace, id desc) where state in ('failed', 'unknown', 'refused');

-- Many items replayed at once --------------------------------------------------------------------------------------

create table replays (
    id uuid primary key,
    workspace uuid not null references workspaces on delete cascade,
    newest boolean not null,
    from_start boolean not null,
    items int not null,
    -- What was not replayed, and why.
    passed_over jsonb not null default '[]',
    taken_back int not null default 0,
    made_by uuid,
    made_at timestamptz not null default now(),
    unique (workspace, id)
);
create index replays_workspace on replays (workspace, id desc);

create table replayed_items (
    replay uuid not null,
    workspace uuid not null,
    item uuid not null references items on delete cascade,
    -- The item and its attempts as they were, for taking the replay back.
    before jsonb not null,
    forgotten jsonb not null default '[]',
    taken_back boolean not null default false,
    primary key (replay, item),
    foreign key (workspace, replay) references replays (workspace, id) on delete cascade
);
create index replayed_items_item on replayed_items (item);

-- Searching: quick where the database has trigrams and lets us use them, and the same answers where not -----------------

do $$
begin
    create extension if not exists pg_trgm;
    create index items_searched on items using gin (
        (title || ' ' || coalesce(key, '') || ' ' || coalesce(subject, '')) gin_trgm_ops
    );
exception when insufficient_privilege or feature_not_supported or undefined_file or undefined_object then
    raise notice 'searching runs looks at every item: this database has no trigrams (pg_trgm)';
end $$;
