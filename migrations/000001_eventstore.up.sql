-- The log. One row an event; positions are 1, 2, 3 … in commit order without gaps, taken from events_head.
-- json, not jsonb: it is validated all the same, writes a quarter faster, reads half as fast again, and gives back the
-- very bytes that were stored. Names are compared as bytes (collate "C"), which is quicker and independent of locales.
create table events (
    position       bigint      primary key,
    event_id       uuid        not null constraint events_event_id_key unique,
    stream         text        collate "C" not null,
    version        bigint      not null check (version > 0),
    type           text        collate "C" not null,
    schema_version integer     not null check (schema_version > 0),
    data           json        not null,
    metadata       json,
    correlation_id uuid,
    causation_id   uuid,
    actor          text        not null,
    recorded_at    timestamptz not null,
    constraint events_stream_version_key unique (stream, version)
);

-- The position of the newest event. It is the last lock that an append takes and is held for one statement and the
-- commit. The low fill factor makes PostgreSQL prune old versions of the row early, so that finding the newest stays quick.
create table events_head (
    only_row boolean primary key default true check (only_row),
    position bigint  not null
) with (fillfactor = 10);
insert into events_head (position) values (0);

-- Where each subscription stands. A null filter column means no restriction; the filter is kept so that any node can
-- tell whether a subscription has anything left to do before a position.
create table subscriptions (
    name        text        collate "C" primary key,
    kind        text        not null check (kind in ('projection', 'handler')),
    position    bigint      not null default 0 check (position >= 0),
    types       text[]      collate "C",
    categories  text[]      collate "C",
    streams     text[]      collate "C",
    state       text        not null default 'running' check (state in ('running', 'retrying', 'stopped')),
    error       text        not null default '',
    epoch       bigint      not null default 0, -- of a handler's lease: a holder with an older one is refused
    owner       text        not null default '',
    lease_until timestamptz,
    updated_at  timestamptz not null default now()
) with (fillfactor = 50);

-- Events that a handler gave up on, and those behind them with the same key, until somebody asks for another try.
create table parked_events (
    subscription text        collate "C" not null references subscriptions (name) on delete cascade,
    position     bigint      not null,
    key          text        collate "C" not null,
    attempts     integer     not null, -- 0: not tried, an earlier event of its key is parked
    error        text        not null,
    parked_at    timestamptz not null default now(),
    replay       boolean     not null default false,
    primary key (subscription, position)
);

-- What happened is never changed by accident. An erasure says so, for its own transaction only:
--   set local eventstore.allow_change = 'on'
create function events_refuse_change() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('eventstore.allow_change', true), '') <> 'on' then
        raise exception 'events are never changed: % is refused', tg_op
            using errcode = 'insufficient_privilege',
                  hint = 'An erasure runs "set local eventstore.allow_change = ''on''" in its own transaction.';
    end if;
    return null;
end
$$;
create trigger events_refuse_change before update or delete or truncate on events
    for each statement execute function events_refuse_change();
