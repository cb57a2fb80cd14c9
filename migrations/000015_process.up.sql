-- What processes remember between two events: internal/process. An instance's row is the lock under which all of its rows
-- here change, except that what was sent is deleted by who has sent it.
create table process_instances (
    process    text        collate "C" not null,
    instance   text        collate "C" not null,
    state      json,       -- null: not started, or stopped
    life       uuid,       -- of the input that started it: a new one each time
    stuck      text        check (stuck in ('event', 'timer', 'refusal')), -- what it couldn't react to; null: it flows
    trouble    text        not null default '',
    replay     boolean     not null default false, -- another try is asked for
    updated_at timestamptz not null default now(),
    primary key (process, instance)
);
create index process_instances_replay on process_instances (process) where replay;

-- Events that an instance which is stuck hasn't reacted to yet.
create table process_waiting (
    process  text   collate "C" not null,
    instance text   collate "C" not null,
    position bigint not null,
    primary key (process, instance, position)
);

create table process_timers (
    process        text        collate "C" not null,
    instance       text        collate "C" not null,
    name           text        collate "C" not null,
    due            timestamptz not null,
    id             uuid        not null, -- ids of what follows derive from it
    correlation_id uuid,
    causation_id   uuid,
    primary key (process, instance, name)
);
create index process_timers_due on process_timers (process, due);

-- Commands that are decided and not sent yet, in the order of id within an instance.
create table process_outbox (
    id             bigint      generated always as identity primary key,
    process        text        collate "C" not null,
    instance       text        collate "C" not null,
    life           uuid        not null, -- in which it was decided: a later one doesn't hear of its refusal
    position       bigint,     -- of the event that it follows from; null: of a timer
    command_id     uuid        not null,
    correlation_id uuid,
    causation_id   uuid,
    command        text        not null, -- the name of its type
    data           json        not null,
    attempts       integer     not null default 0,
    next_try       timestamptz not null default now(),
    parked         boolean     not null default false, -- given up on, and with it what is behind it
    trouble        text        not null default '',
    created_at     timestamptz not null default now()
);
create index process_outbox_instance on process_outbox (process, instance, id);
create index process_outbox_position on process_outbox (position);
