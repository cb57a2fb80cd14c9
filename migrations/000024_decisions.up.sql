-- Read model "decisions": what was decided on a challenge, by whom and why, for its organisers and competitors to look up.
create table decisions (
    position     bigint      not null primary key,
    time         timestamptz not null,
    challenge_id uuid        not null,
    stage_id     uuid,
    athlete_id   uuid,                -- whom it is about
    actor        text        not null, -- as in the log: an athlete's id, or system
    type         text        not null, -- of the event
    detail       text        not null  -- a reason, a note, a new name; "" for none
);
create index decisions_challenge on decisions (challenge_id, position);
create index decisions_athlete on decisions (athlete_id) where athlete_id is not null;
