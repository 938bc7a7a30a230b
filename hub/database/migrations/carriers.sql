-- Chat services: how the bots fare, messages that several people see, and channels that are told ---------------------

create table chat_carriers (
    carrier text primary key,
    state text not null,
    detail text not null default '',
    place text not null default '',
    bot text not null default '',
    way text not null default '',
    seen_at timestamptz not null default now()
);

-- A button that everybody sees works for every linked member of the workspace, with the rights of who presses it.
alter table chat_buttons alter column identity drop not null;
alter table chat_buttons add foreign key (workspace) references workspaces on delete cascade;

-- Where notices go instead of the direct conversation: a channel, told once however many members chose it.
alter table chat_identities add column room text not null default '';
create unique index chat_identities_room on chat_identities (workspace, carrier, place, room) where room <> '';
