-- Mails about dead letters: made with the change of owner, sent afterwards, gone once sent.
create table letter_notices (
    workspace uuid not null,
    id uuid not null,
    "user" uuid not null,
    items uuid[] not null,
    tries int not null default 0,
    next_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    primary key (workspace, id),
    foreign key (workspace, "user") references memberships (workspace, "user") on delete cascade
);
create index letter_notices_next on letter_notices (next_at);
create index letter_notices_user on letter_notices (workspace, "user");
