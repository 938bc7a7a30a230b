-- Waiting for a person: who may answer, until when, and what happens then --------------------------------------------

alter table decisions
    drop column escalate_to,
    add column recipe uuid,
    add column reasons jsonb not null default '[]',
    -- Addresses and roles of those who may answer; nobody named: every member who may review.
    add column approvers text[] not null default '{}',
    add column escalate_to text[] not null default '{}',
    add column escalate_at timestamptz,
    add column escalated_at timestamptz,
    add column due_told_at timestamptz,
    add column on_expiry text not null default 'reject',
    -- The next of due, escalation and expiry; the sweep looks here and nowhere else.
    add column next_at timestamptz,
    -- When the run took the answer: a replay of the step asks again.
    add column taken_at timestamptz,
    add foreign key (workspace, recipe) references documents (workspace, id) on delete cascade;
create index decisions_next on decisions (next_at) where state = 'open' and next_at is not null;
create index decisions_item on decisions (item, step) where item is not null;
create index decisions_workspace on decisions (workspace, kind, id desc);

create table decision_answers (
    decision uuid not null,
    workspace uuid not null,
    "user" uuid not null references users on delete cascade,
    number int not null,
    word text not null,
    changes jsonb not null default '[]',
    comment text not null default '',
    at timestamptz not null default now(),
    primary key (decision, "user"),
    foreign key (workspace, decision) references decisions (workspace, id) on delete cascade
);

-- Mails about decisions: made with what they tell of, sent afterwards.
create table decision_notices (
    id uuid primary key,
    workspace uuid not null,
    decision uuid not null,
    "user" uuid not null references users on delete cascade,
    kind text not null,
    tries int not null default 0,
    next_at timestamptz default now(),
    sent_at timestamptz,
    created_at timestamptz not null default now(),
    unique (decision, "user", kind),
    foreign key (workspace, decision) references decisions (workspace, id) on delete cascade
);
create index decision_notices_next on decision_notices (next_at) where next_at is not null;
