-- What athletes want to be told by e-mail, and what they are told.

-- Read model "notifications": a row for those who have switched something off.
create table notification_choices (
    athlete_id uuid primary key,
    off        text[] not null -- kinds of e-mail that aren't wanted
);

-- The outbox of package notify: what athletes are to be told, each with the moment when. It follows from the log, but can't
-- be made again from it: what was sent was sent. Addresses and words are not kept, they are looked up when it is sent.
create table notices (
    id           uuid primary key,     -- derived from the event behind it, and for one of many from that and the athlete
    kind         text not null,        -- see athletes.Notification
    audience     text not null,        -- athlete; organiser, competitors: becomes a row for each of them
    athlete_id   uuid,
    challenge_id uuid not null,
    stage_id     uuid,
    lost         jsonb not null,       -- of lost places: category → rank before the first loss
    position     bigint not null,      -- of the last event in it: the read models must have reached that
    happened_at  timestamptz not null, -- the first event
    due_at       timestamptz not null,
    next_at      timestamptz not null, -- when it is looked at next: due, then later after each failure
    claim        uuid,                 -- of the worker that is at it until next_at
    attempts     int not null default 0,
    state        text not null default 'waiting', -- waiting, spread, sent, dropped, failed
    reason       text not null default '',        -- why dropped or failed, or waiting again
    settled_at   timestamptz
);
create index notices_waiting on notices (next_at) where state = 'waiting';
create index notices_to_merge on notices (athlete_id, stage_id) where state = 'waiting' and kind = 'lost_place';
create index notices_newest on notices (happened_at, id);
create index notices_settled on notices (settled_at) where settled_at is not null;

-- The key that unsubscribe links are signed with: one row, made by the first node that needs it.
create table unsubscribe_key (
    one boolean primary key default true check (one),
    key bytea not null
);
