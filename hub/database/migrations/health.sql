-- How connections fare ---------------------------------------------------------------------------------------------------

alter table connections
    add column succeeded_at timestamptz,
    add column failed_at timestamptz,
    -- What the service last said of its rate limit: calls left, of how many, until when.
    add column room jsonb;

create table connection_hours (
    workspace uuid not null,
    connection uuid not null,
    hour timestamptz not null,
    calls int not null default 0,
    failures int not null default 0,
    primary key (workspace, connection, hour),
    foreign key (workspace, connection) references connections (workspace, id) on delete cascade
);
